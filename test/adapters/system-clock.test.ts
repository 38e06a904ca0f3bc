import { systemClock } from '../../src/adapters/system-clock.ts';
import { clockSuite } from '../suites/clock-suite.ts';

clockSuite('of the system', () => systemClock);
