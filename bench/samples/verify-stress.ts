import { type RosterKind, rosterKinds } from '../../src/domain/roster/format/kinds.ts';
import { createVerification } from '../../src/domain/roster/verification.ts';
import { verificationOptionsOf } from '../../src/domain/sync/verification-options.ts';
import { profile } from '../../test/support/rosters/profile-builder.ts';
import { peakMegabytes, sumOf } from './sample.ts';

/**
 * Verifies, in this process, files that are as bad as files can be, made as they are read. Prints one JSON line: how much of
 * them was read, what was said, and the peak memory.
 */
export interface StressResult {
	bytesRead: number;
	rows: number;
	findingCount: number;
	findingsKept: number;
	messages: readonly string[];
	peakMb: number;
}

type Files = Partial<Record<RosterKind, Iterable<string>>>;

const million = 1_000_000;
const users = 'SIS ID,School SIS ID,First Name,Last Name,Username,Password\n';

function* rows(header: string, count: number, rowAt: (at: number) => string): Generator<string> {
	let text = header;
	for (let at = 0; at < count; at++) {
		text += rowAt(at);
		if (text.length < 65_536) continue;
		yield text;
		text = '';
	}
	yield text;
}

function* repeated(piece: string, megabytes: number): Generator<string> {
	const text = piece.repeat(Math.ceil(65_536 / piece.length));
	for (let bytes = 0; bytes < megabytes * 1_048_576; bytes += text.length) yield text;
}

function* joined(...parts: Iterable<string>[]): Generator<string> {
	for (const part of parts) yield* part;
}

const sound = {
	school: ['SIS ID,Name\nA,Alpha\n'],
	section: ['SIS ID,School SIS ID,Section Name\nS1,A,Biology\n'],
	student: [`${users}1,A,Ada,Abel,ada,Passw0rd!\n`],
	teacher: [`${users}T1,A,Tom,Thal,tom,Passw0rd!\n`],
	studentEnrollment: ['Section SIS ID,SIS ID\nS1,1\n'],
	teacherRoster: ['Section SIS ID,SIS ID\nS1,T1\n'],
};

const columns = (count: number) => Array.from({ length: count }, (_, at) => `c${at}`).join();

const cases: Readonly<Record<string, () => Files>> = {
	findingsInEveryRow: () => ({
		student: rows(users, million / 2, (at) => `${at},A,Ada,,u${at},Passw0rd!\n`),
		studentEnrollment: rows('Section SIS ID,SIS ID\n', million / 2, (at) => `S1,nobody${at}\n`),
	}),
	everyRowTheSame: () => ({ studentEnrollment: rows('Section SIS ID,SIS ID\n', million, () => 'S1,1\n') }),
	everyIdTheSame: () => ({ student: rows(users, million, (at) => `1,A,Ada,Abel,u${at},Passw0rd!\n`) }),
	twoMillionRows: () => ({
		student: rows(users, 2000, (at) => `${at},A,Ada,Abel,u${at},Passw0rd!\n`),
		section: rows('SIS ID,School SIS ID,Section Name\n', 1000, (at) => `S${at},A,Biology\n`),
		studentEnrollment: rows('Section SIS ID,SIS ID\n', 2 * million, (at) => `S${Math.floor(at / 2000)},${at % 2000}\n`),
		teacherRoster: ['Section SIS ID,SIS ID\nS1,T1\n'],
	}),
	tenThousandColumns: () => ({
		school: rows(
			`SIS ID,Name,${columns(9_998)}\n`,
			2_000,
			(at) => `A${at === 0 ? '' : at},Alpha${','.repeat(9_998)}\n`,
		),
	}),
	headerOfTenMegabytes: () => ({ school: joined(['SIS ID,Name,'], repeated('column,', 10), ['\nA,Alpha\n']) }),
	fieldOf60Kilobytes: () => ({
		school: rows('SIS ID,Name\nA,Alpha\n', 1_000, (at) => `B${at},${'x'.repeat(60 * 1024)}\n`),
	}),
	unclosedQuote: () => ({ school: joined(['SIS ID,Name\nA,"Alpha\n'], repeated('S1,Alpha School\n', 126)) }),
};

function verify(name: string, maxRowsPerFile: number): StressResult {
	const verification = createVerification(verificationOptionsOf(profile(), { maxRowsPerFile, hashSeed: 5 }));
	const files: Files = { ...sound, ...cases[name]?.() };
	let bytesRead = 0;
	for (const kind of rosterKinds) {
		verification.beginFile(kind);
		for (const text of files[kind] ?? []) {
			const chunk = Buffer.from(text);
			bytesRead += chunk.length;
			if (!verification.write(chunk)) break;
		}
		verification.endFile();
	}
	const { findings, findingCount, messages, rowCounts } = verification.finish();
	return {
		bytesRead,
		rows: sumOf(rowCounts),
		findingCount,
		findingsKept: findings.length,
		messages: messages.map(({ fileName, type, description }) => `${fileName} ${type} ${description}`),
		peakMb: peakMegabytes(),
	};
}

const [name = '', maxRows = '10000000'] = process.argv.slice(2);
process.stdout.write(`${JSON.stringify(verify(name, Number(maxRows)))}\n`);
