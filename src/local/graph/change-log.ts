import type { Change } from './model/directory-object.ts';

/** A change and the tenant whose directory it changes. */
export interface TenantChange {
	tenantId: string;
	change: Change;
}

/** Where changes are kept, in the order in which they took place. */
export interface ChangeLog {
	append(entry: TenantChange): void;
	/** Resolves once everything that was appended before the call is stored; rejects if it could not be. */
	stored(): Promise<void>;
}

/** What the log needs of a `TableClient`. */
export interface LogTable {
	createTable(): Promise<unknown>;
	upsertEntity(row: LogEntity, mode: 'Replace'): Promise<unknown>;
	listEntities<T extends object>(): AsyncIterable<T & { rowKey?: string }>;
}

interface LogEntity {
	partitionKey: string;
	rowKey: string;
	[column: string]: string;
}

/** Without storage, the directory ends with its server. */
export const forgetfulLog: ChangeLog = { append() {}, stored: async () => {} };

const partitionKey = 'log';
const rowDigits = 12;
/** A table property holds at most 32K UTF-16 characters, and a row 1 MB of them. */
const chunkLength = 32_000;
const maxRowLength = 400_000;

/**
 * The directory as the log of its changes, in a table.
 *
 * No answer leaves the server before the changes that came before it are stored (`stored`), reads included, so that a kill
 * loses nothing that anybody was told. Changes that come while a row is being written go into the next row, all of them:
 * the directory never waits for storage change by change. Rows are written one after the other, and so what a kill leaves
 * is a beginning of the log, which is a state that the directory had. A request whose changes are stored and whose answer
 * was not sent is what a lost answer is at Graph.
 *
 * A row that could not be written stays the next one to be: its key is settled beforehand and it is written over, whatever
 * an earlier try may have done. Only one server may have the table at a time.
 */
export async function openChangeLog(table: LogTable, replay: (entry: TenantChange) => void): Promise<ChangeLog> {
	await table.createTable();
	let nextRow = 0;
	for await (const row of table.listEntities<Record<string, string>>()) {
		for (const entry of JSON.parse(textOf(row)) as TenantChange[]) replay(entry);
		nextRow = Number(row.rowKey) + 1;
	}
	return createLog(async (text) => {
		const rowKey = String(nextRow).padStart(rowDigits, '0');
		await table.upsertEntity({ partitionKey, rowKey, ...chunksOf(text) }, 'Replace');
		nextRow += 1;
	});
}

interface LogRow {
	text: string;
	/** Entries of the log, up to and with this row. */
	end: number;
}

function createLog(writeRow: (text: string) => Promise<void>): ChangeLog {
	let waiting: string[] = [];
	let appended = 0;
	let written = 0;
	/** Kept until it is written. */
	let row: LogRow | undefined;
	let writing: Promise<void> | undefined;
	async function writeNext(): Promise<void> {
		row ??= takeRow();
		await writeRow(row.text);
		written = row.end;
		row = undefined;
	}
	function takeRow(): LogRow {
		let length = 0;
		const tooMany = waiting.findIndex((entry) => {
			length += entry.length;
			return length > maxRowLength;
		});
		const count = tooMany === -1 ? waiting.length : Math.max(1, tooMany);
		const text = `[${waiting.slice(0, count).join(',')}]`;
		waiting = waiting.slice(count);
		return { text, end: appended - waiting.length };
	}
	return {
		append(entry) {
			waiting.push(toAscii(JSON.stringify(entry)));
			appended += 1;
		},
		async stored() {
			const end = appended;
			while (written < end) {
				writing ??= writeNext().finally(() => {
					writing = undefined;
				});
				await writing;
			}
		},
	};
}

function chunksOf(text: string): Record<string, string> {
	const columns: Record<string, string> = {};
	for (let at = 0; at * chunkLength < text.length; at += 1) {
		columns[`text${at}`] = text.slice(at * chunkLength, (at + 1) * chunkLength);
	}
	return columns;
}

function textOf(row: Record<string, unknown>): string {
	let text = '';
	for (let at = 0; typeof row[`text${at}`] === 'string'; at += 1) text += row[`text${at}`];
	return text;
}

/** The storage emulator decodes bodies piece by piece, and would break a character that lies in two of them. */
function toAscii(json: string): string {
	return json.replace(/[\u0080-\uffff]/g, (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`);
}
