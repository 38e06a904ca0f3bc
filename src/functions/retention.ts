import { app } from '@azure/functions';
import * as df from 'durable-functions';
import { forgetWhatIsOld } from '../wiring.ts';

// At night, and not on the hour.
app.timer('retention', {
	schedule: '0 23 2 * * *',
	extraInputs: [df.input.durableClient()],
	handler: (_, context) => forgetWhatIsOld(context),
});
