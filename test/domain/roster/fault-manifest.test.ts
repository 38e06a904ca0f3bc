import { describe, expect, test } from 'vitest';
import { faultKinds } from '../../../bench/roster-faults.ts';
import { generateRoster, type RosterFile, rosterFiles } from '../../../bench/roster-generator.ts';
import { kindOfFile, type RosterKind, rosterKinds } from '../../../src/domain/roster/kinds.ts';
import { createVerification } from '../../../src/domain/roster/verification.ts';
import { creatingOptions } from './verified-roster.ts';

interface Variant {
	faultRate: number;
	quoteAll?: boolean;
	lineEnd?: '\r\n' | '\n';
	chunkBytes: number;
}

/** Verifies a generated roster as a stream of chunks; answers the verdict beside the manifest. */
function verifyGenerated({ chunkBytes, ...variant }: Variant) {
	const roster = generateRoster({ students: 3000, seed: 7, ...variant });
	const accepted = new Map<RosterKind, number>();
	const options = { ...creatingOptions, maxRowsPerFile: 1_000_000, findingsKept: 1_000_000 };
	const verification = createVerification(options, ({ kind }) => accepted.set(kind, (accepted.get(kind) ?? 0) + 1));
	for (const name of rosterFiles) {
		verification.beginFile(kindOfFile(`${name}.csv`) as RosterKind);
		const bytes = new TextEncoder().encode([...roster.file(name)].join(''));
		for (let at = 0; at < bytes.length; at += chunkBytes) verification.write(bytes.subarray(at, at + chunkBytes));
		verification.endFile();
	}
	return { verdict: verification.finish(), manifest: roster.manifest, accepted };
}

const siteOf = (file: string, line: number, column = '-') => `${file.toLowerCase()}:${line} ${column}`;

describe('a generated roster', () => {
	test.each<Variant>([
		{ faultRate: 0, chunkBytes: 65_536 },
		{ faultRate: 0.01, chunkBytes: 65_536 },
		{ faultRate: 0.01, chunkBytes: 1_000_000, quoteAll: true },
		{ faultRate: 0.01, chunkBytes: 4_099, lineEnd: '\n' },
	])('has exactly the faults that were put into it: %j', (variant) => {
		const { verdict, manifest, accepted } = verifyGenerated(variant);
		const isFault = ({ severity, rule }: (typeof verdict.findings)[number]) =>
			severity === 'Error' || rule === 'duplicate';
		const found = verdict.findings
			.filter(isFault)
			.map(({ fileName, line, column }) => siteOf(fileName.replace('.csv', ''), line, column));
		const injected = manifest.faults.map(({ file, line, column }) => siteOf(file, line, column));
		expect(found.toSorted()).toEqual(injected.toSorted());
		if (variant.faultRate > 0)
			expect(new Set(manifest.faults.map(({ kind }) => kind)).size).toBeGreaterThan(faultKinds.length / 2);
		for (const kind of rosterKinds) {
			const name = rosterFiles.find((each) => kindOfFile(`${each}.csv`) === kind) as RosterFile;
			expect(verdict.rowCounts[kind]).toBe(manifest.rows[name]);
			const faulty = manifest.faults.filter(({ file }) => file === name).length;
			expect(verdict.acceptedCounts[kind]).toBe(manifest.rows[name] - faulty);
			expect(accepted.get(kind)).toBe(verdict.acceptedCounts[kind]);
		}
	});
});
