import { registerOtherSpellings } from './register-operation.ts';

/**
 * The other spellings of Graph's own paths, the roots of 2017, and whatever is nowhere. The platform asks routes in the order of
 * function names and takes the first that fits: under any name but the last one, this would hide the functions behind it.
 */
export const zOtherSpellings = registerOtherSpellings('zOtherSpellings', '{*path}');
