import { app } from '@azure/functions';
import { flushTelemetry, takeCensus } from '../wiring.ts';

// Not on the hour, when everybody else's timers come.
app.timer('profileCensus', { schedule: '0 7 * * * *', handler: takeCensus });

app.hook.appTerminate(flushTelemetry);
