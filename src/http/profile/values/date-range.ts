import { z } from 'zod';
import { shape } from '../schema-shapes.ts';

const date = z.preprocess(
	(value) => (typeof value === 'string' ? value.trim() : value),
	z.iso.date({ error: 'must be a date such as "2026-12-20"' }),
);
/** Both days are included. */
export const dateRange = shape({ from: date, to: date }).superRefine(({ from, to }, { addIssue }) => {
	if (from <= to) return;
	addIssue({ code: 'custom', path: ['to'], input: to, message: `must not be before "from", which is "${from}"` });
});
