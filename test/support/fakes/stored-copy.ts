/** A copy as storage gives it back: what JSON cannot say is not kept, and nobody else has hold of it. */
export const storedCopy = <T>(value: T): T => (value === undefined ? value : (JSON.parse(JSON.stringify(value)) as T));
