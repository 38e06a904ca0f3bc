import { app } from '@azure/functions';
import * as df from 'durable-functions';
import { doWhatIsDue } from '../wiring.ts';

// What is due has its time in a table: this only looks there. Not on the full minute, when other timers come.
app.timer('dueWork', {
	schedule: '20 * * * * *',
	extraInputs: [df.input.durableClient()],
	handler: (_, context) => doWhatIsDue(context),
});
