import { registerOtherSpellings } from './register-operation.ts';

/** A router prefers the exact routes, so this one sees only what none of them takes. */
export const otherSpellings = registerOtherSpellings('otherSpellings', 'beta/education/{*path}');
