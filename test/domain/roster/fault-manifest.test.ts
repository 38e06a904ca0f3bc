import { describe, expect, test } from 'vitest';
import { type FaultKind, faultKinds, type InjectedFault } from '../../../bench/roster-faults.ts';
import { type RosterFile, rosterFiles } from '../../../bench/roster-files.ts';
import { generateRoster } from '../../../bench/roster-generator.ts';
import type { Finding } from '../../../src/domain/roster/findings/verdict.ts';
import { kindOfFile, type RosterKind, rosterKinds } from '../../../src/domain/roster/format/kinds.ts';
import { createVerification } from '../../../src/domain/roster/verification.ts';
import { creatingOptions } from './verified-roster.ts';

interface Variant {
	students: number;
	faultRate: number;
	quoteAll?: boolean;
	lineEnd?: '\r\n' | '\n';
	chunkBytes: number;
}

/** Verifies a generated roster as a stream of chunks; answers the verdict beside the manifest. */
function verifyGenerated({ chunkBytes, ...variant }: Variant) {
	const roster = generateRoster({ seed: 7, ...variant });
	const accepted = new Map<RosterKind, number>();
	const options = { ...creatingOptions, maxRowsPerFile: 1_000_000, findingsKept: 1_000_000 };
	const verification = createVerification(options, ({ kind }) => accepted.set(kind, (accepted.get(kind) ?? 0) + 1));
	for (const name of rosterFiles) {
		verification.beginFile(kindOfFile(`${name}.csv`) as RosterKind);
		const bytes = Buffer.from([...roster.file(name)].join(''));
		for (let at = 0; at < bytes.length; at += chunkBytes) verification.write(bytes.subarray(at, at + chunkBytes));
		verification.endFile();
	}
	return { verdict: verification.finish(), manifest: roster.manifest, accepted };
}

/** What each kind of fault must be found as. */
const foundAs: Readonly<Record<FaultKind, string>> = {
	missingName: 'Error missing: is missing',
	missingSchool: 'Error missing: is missing',
	missingUsername: 'Error missing: is missing',
	badBirthdate: 'Error format: is no date like M/D/YYYY: no month has this number, the day seems to stand first',
	badTermDate: 'Error format: is no date like YYYY-MM-DD, YYYYMMDD or M/D/YYYY',
	badUsername: 'Error format: has a blank inside',
	duplicateUsername: 'Warning duplicate: stands in an earlier row, and that row counts',
	unknownSchool: 'Error reference: is not in school.csv',
	unknownSection: 'Error reference: is not in section.csv',
	unknownStudent: 'Error reference: is not in student.csv',
	unknownTeacher: 'Error reference: is not in teacher.csv',
	raggedRow: 'Error raggedRow: has 3 column(s) where the header has 2',
};

const siteOf = (fileName: string, line: number, column = 'row') => `${fileName}:${line} ${column}`;
const ofFinding = ({ fileName, line, column, severity, rule, reason }: Finding) =>
	`${siteOf(fileName, line, column)} ${severity} ${rule}: ${reason}`;
const ofFault = ({ file, line, column, kind }: InjectedFault) =>
	`${siteOf(`${file.toLowerCase()}.csv`, line, column)} ${foundAs[kind]}`;

describe('a generated roster', () => {
	test.each<Variant>([
		{ students: 3_000, faultRate: 0, chunkBytes: 65_536 },
		{ students: 100_000, faultRate: 0.001, chunkBytes: 65_536 },
		{ students: 3_000, faultRate: 0.01, chunkBytes: 1_000_000, quoteAll: true },
		{ students: 3_000, faultRate: 0.01, chunkBytes: 4_099, lineEnd: '\n' },
	])('has exactly the faults that were put into it: %j', (variant) => {
		const { verdict, manifest, accepted } = verifyGenerated(variant);
		// Names with special characters are meant to be there, and are worth a warning each.
		const isFault = ({ severity, rule }: Finding) => severity === 'Error' || rule !== 'format';
		const found = verdict.findings.filter(isFault).map(ofFinding);
		expect(found.toSorted()).toEqual(manifest.faults.map(ofFault).toSorted());
		const kindsPresent = new Set(manifest.faults.map(({ kind }) => kind));
		expect(kindsPresent).toEqual(new Set(variant.faultRate > 0 ? faultKinds : []));
		for (const kind of rosterKinds) {
			const name = rosterFiles.find((each) => kindOfFile(`${each}.csv`) === kind) as RosterFile;
			expect(verdict.rowCounts[kind]).toBe(manifest.rows[name]);
			const faulty = manifest.faults.filter(({ file }) => file === name).length;
			expect(verdict.acceptedCounts[kind]).toBe(manifest.rows[name] - faulty);
			expect(accepted.get(kind)).toBe(verdict.acceptedCounts[kind]);
		}
	});
});
