import { registerOtherSpellings } from './register-operation.ts';

/**
 * A router prefers the exact routes, so this one sees only what none of them takes: the other spellings of Graph's own paths,
 * and the roots of 2017.
 */
export const otherSpellings = registerOtherSpellings('otherSpellings', '{*path}');
