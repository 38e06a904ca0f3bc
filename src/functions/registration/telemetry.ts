import { app } from '@azure/functions';
import { flushTelemetry } from '../../wiring.ts';

app.hook.appTerminate(flushTelemetry);
