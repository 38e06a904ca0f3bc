import { byteOrderMark, fieldOf } from '../../domain/roster/findings/report.ts';
import type { PlannedChange } from '../../services/runs/planned-changes.ts';

const columns = ['Operation', 'Kind', 'School', 'Class', 'Person', 'Directory Id', 'Held'] as const;

/** About so many rows go out at once. */
const rowsAtOnce = 1000;

/**
 * A plan as CSV (RFC 4180), whatever its length. Nothing can be refused once the first row is out, and an answer that breaks off would
 * keep its client waiting for minutes: what cannot be read to its end says so in its last row.
 */
export async function* planCsv(changes: AsyncIterable<PlannedChange>): AsyncGenerator<Uint8Array> {
	let rows = [byteOrderMark + rowOf(columns)];
	try {
		for await (const change of changes) {
			if (rows.push(rowOf(fieldsOf(change))) < rowsAtOnce) continue;
			yield Buffer.from(rows.join(''));
			rows = [];
		}
	} catch {
		rows.push(
			rowOf(['incomplete', 'The plan cannot be read to its end just now. Ask for it again.', '', '', '', '', '']),
		);
	}
	yield Buffer.from(rows.join(''));
}

function fieldsOf({
	operation,
	kind,
	school = '',
	class: section = '',
	person = '',
	...rest
}: PlannedChange): string[] {
	return [operation, kind, school, section, person, rest.directoryId ?? '', String(rest.isHeld)];
}

const rowOf = (fields: readonly string[]) => `${fields.map(fieldOf).join(',')}\r\n`;

/** Whether a client would rather have CSV than JSON. https://www.rfc-editor.org/rfc/rfc9110#section-12.5.1 */
export function prefersCsv(accept: string | null): boolean {
	const ranges = (accept ?? '').split(',').map((range) => {
		const [type = '', ...parameters] = range.split(';').map((part) => part.trim().toLowerCase());
		const weight = parameters.find((parameter) => parameter.startsWith('q='))?.slice(2);
		return { type, quality: weight === undefined ? 1 : Number(weight) };
	});
	const qualityOf = (type: string) => ranges.find((range) => range.type === type)?.quality ?? 0;
	const csv = qualityOf('text/csv');
	return csv > 0 && csv >= qualityOf('application/json');
}
