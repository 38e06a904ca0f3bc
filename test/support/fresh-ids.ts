let ids = 0;

/** A GUID that this process has not used before: suites share storage, and tests must not meet in it. */
export const freshId = () => `00000000-0000-7000-8000-${(++ids).toString(16).padStart(12, '0')}`;

/** Digits that make ids of the same moment differ, and lead to another order than that in which they were asked for. */
export const freshHex = () => ((++ids * 0x9e3779b1) >>> 0).toString(16).padStart(8, '0').padEnd(18, '0');
