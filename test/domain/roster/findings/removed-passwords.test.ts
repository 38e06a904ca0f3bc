import { describe, expect, test } from 'vitest';
import { PasswordRemover, removedPassword } from '../../../../src/domain/roster/findings/removed-passwords.ts';

/** The accounts of P1, `P"2` and -12 exist. */
const accounts = new Set(['P1', 'P"2', '-12']);

interface Removal {
	text: string;
	isWhole: boolean;
}

function remove(file: string, { chunkBytes = file.length * 4, createsUsers = true, isGuarded = false } = {}): Removal {
	const parts: Uint8Array[] = [];
	const remover = new PasswordRemover({
		kind: 'student',
		createsUsers,
		isGuarded,
		hasAccount: (id) => accounts.has(new TextDecoder().decode(id)),
		emit: (bytes) => parts.push(Uint8Array.from(bytes)),
	});
	const bytes = Buffer.from(file);
	for (let at = 0; at < bytes.length; at += chunkBytes) if (!remover.write(bytes.subarray(at, at + chunkBytes))) break;
	const isWhole = remover.end();
	return { text: new TextDecoder('utf-8', { ignoreBOM: true }).decode(Buffer.concat(parts)), isWhole };
}

const header = 'SIS ID,Username,Password,Grade';
const lines = (...rows: string[]) => [header, ...rows, ''].join('\r\n');

test('the passwords of accounts that exist go, and all else stays', () => {
	const { text, isWhole } = remove(lines('P1,a,Secret-2026!,9', 'P2,b,Waiting-2026!,9'));
	expect({ text, isWhole }).toEqual({
		text: lines(`P1,a,${removedPassword},9`, 'P2,b,Waiting-2026!,9'),
		isWhole: true,
	});
	expect(remove(text).text).toBe(text);
});

test.each([1, 2, 3, 7])('however the file is cut: in pieces of %i bytes', (chunkBytes) => {
	const file = lines('P1,Zoë,"Sec,ret ""2026""",9', '" P""2 ",b,Secret-2026!,9');
	expect(remove(file, { chunkBytes }).text).toBe(
		lines(`P1,Zoë,"${removedPassword}",9`, `" P""2 ",b,${removedPassword},9`),
	);
});

test('ids and passwords of a report are what they were before their guards', () => {
	const longest = `=${'a'.repeat(255)}`;
	const rows = (...passwords: string[]) => lines(...passwords.map((password) => `'-12,a,${password},9`));
	// The last one has seven characters: it was refused, and its row must not become a sound one.
	const { text } = remove(rows("'=Secret-2026!", `'${longest}`, "'=Abcd1!"), { isGuarded: true });
	expect(text).toBe(rows(removedPassword, removedPassword, "'=Abcd1!"));
});

test('rows stay at their lines, and a byte order mark in its place', () => {
	const file = `\ufeff${header}\n\nP2,b,Waiting-2026!,"9\n10"\nP1,a,Secret-2026!,9`;
	expect(remove(file).text).toBe(`\ufeff${header}\r\n\r\nP2,b,Waiting-2026!,"9\n10"\r\nP1,a,${removedPassword},9\r\n`);
});

describe('what stays as it is', () => {
	test.each([
		['an empty password', 'P1,a,,9'],
		['one that was refused, whose row must not become sound', 'P1,a,short,9'],
		['a row with another number of values', 'P1,a,Secret-2026!'],
		['a value that could not be read', 'P1,a,Sec"ret-2026!,9'],
	])('%s', (_, row) => {
		expect(remove(lines(row)).text).toBe(lines(row));
	});

	test('a file without passwords, or one that cannot be read, is not written anew', () => {
		expect(remove('SIS ID,Username\r\nP1,a\r\n').isWhole).toBe(false);
		expect(remove(lines('P1,a,"Secret-2026!,9')).isWhole).toBe(false);
	});
});

test('where users are matched, even what would be no password goes', () => {
	expect(remove(lines('P1,a,short,9'), { createsUsers: false }).text).toBe(lines(`P1,a,${removedPassword},9`));
});

test('the faulty rows of a report are such a file, behind columns of their own', () => {
	const report = 'Report Run,Report Line,Report Findings,Report Cures';
	const file = `\ufeff${report},${header}\r\nr,2,x,y,P1,a,Secret-2026!,9\r\nr,3,x,y,\r\n`;
	expect(remove(file).text).toBe(file.replace('Secret-2026!', removedPassword));
});
