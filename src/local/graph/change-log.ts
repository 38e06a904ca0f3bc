import type { TableClient } from '@azure/data-tables';
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
export async function openChangeLog(table: TableClient, replay: (entry: TenantChange) => void): Promise<ChangeLog> {
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

function createLog(writeRow: (text: string) => Promise<void>): ChangeLog {
	const waiting: string[] = [];
	/** The row that is being written or could not be. */
	let row: string | undefined;
	let writing: Promise<void> = Promise.resolve();
	async function writeWaiting(): Promise<void> {
		while (row !== undefined || waiting.length > 0) {
			row ??= takeRow();
			await writeRow(row);
			row = undefined;
		}
	}
	function takeRow(): string {
		let length = 0;
		const fitting = waiting.findIndex((entry) => {
			length += entry.length;
			return length > maxRowLength;
		});
		const count = fitting === -1 ? waiting.length : Math.max(1, fitting);
		return `[${waiting.splice(0, count).join(',')}]`;
	}
	return {
		append: (entry) => void waiting.push(toAscii(JSON.stringify(entry))),
		stored() {
			if (row === undefined && waiting.length === 0) return Promise.resolve();
			// One at a time; whoever comes meanwhile finds everything of theirs written by it or by the next one.
			writing = writing.then(writeWaiting, writeWaiting);
			return writing;
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
