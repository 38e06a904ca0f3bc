import { app, type HttpMethod } from '@azure/functions';
import * as df from 'durable-functions';
import { liveEndpoint, readyEndpoint } from '../http/health.ts';
import { access, checkReadiness, wrongSettings } from '../wiring.ts';

const methods: HttpMethod[] = ['GET', 'HEAD'];

app.http('health', { methods, route: 'health', authLevel: 'anonymous', handler: liveEndpoint });

app.http('healthReady', {
	methods,
	route: 'health/ready',
	authLevel: 'anonymous',
	extraInputs: [df.input.durableClient()],
	handler: readyEndpoint({ access, check: checkReadiness }),
});

// Said at once, and not by the first client's request.
app.hook.appStart(() => {
	const wrong = wrongSettings();
	if (wrong) console.error(wrong);
});
