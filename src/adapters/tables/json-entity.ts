/** A table property holds at most 32K UTF-16 characters; values are split well below. */
const chunkLength = 30_000;

/** Spreads a JSON value over the properties `json0`, `json1`… */
export function jsonColumns(value: unknown): Record<string, string> {
	const text = JSON.stringify(value);
	const columns: Record<string, string> = {};
	for (let at = 0; at * chunkLength < text.length; at++) {
		columns[`json${at}`] = text.slice(at * chunkLength, (at + 1) * chunkLength);
	}
	return columns;
}

export function readJsonColumns<T>(entity: object): T {
	const columns = entity as Record<string, unknown>;
	let text = '';
	for (let at = 0; typeof columns[`json${at}`] === 'string'; at++) text += columns[`json${at}`];
	return JSON.parse(text) as T;
}
