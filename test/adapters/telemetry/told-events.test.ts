import { telemetry } from '../../../src/adapters/telemetry/telemetry.ts';
import { eventsSuite } from '../../suites/events-suite.ts';

const told = telemetry({ otlp: { endpoint: 'http://127.0.0.1:1', temporality: 'delta' } });

eventsSuite('to OpenTelemetry, where nobody listens', () => ({ happened: (event) => told.happened(event, {}) }));
