/** A table property holds at most 32K UTF-16 characters; values are split well below. */
const chunkLength = 30_000;

/** Spreads a JSON value over the properties `json0`, `json1`… */
export function jsonColumns(value: unknown): Record<string, string> {
	const text = asciiJson(value);
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

/**
 * JSON in ASCII only. Azurite (3.37) decodes a request body chunk by chunk and so breaks a character whose bytes lie in two of
 * them; Azure does not, and does not mind.
 */
export function asciiJson(value: unknown): string {
	const escaped = (character: string) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;
	return JSON.stringify(value).replace(/[\u0080-\uffff]/g, escaped);
}
