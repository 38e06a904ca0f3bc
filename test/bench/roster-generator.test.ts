import { parse } from 'csv-parse/sync';
import { describe, expect, test } from 'vitest';
import { faultKinds } from '../../bench/roster-faults.ts';
import { type RosterFile, rosterFiles } from '../../bench/roster-files.ts';
import { generateRoster, type Manifest, type RosterOptions } from '../../bench/roster-generator.ts';
import type { Finding } from '../../src/domain/roster/findings/verdict.ts';
import { kindOfFile, rosterFileName } from '../../src/domain/roster/format/kinds.ts';
import { createVerification } from '../../src/domain/roster/verification.ts';
import { verificationOptionsOf } from '../../src/domain/sync/verification-options.ts';
import { profile } from '../support/rosters/profile-builder.ts';

function generate(options: RosterOptions): { texts: Record<RosterFile, string>; manifest: Manifest } {
	const roster = generateRoster(options);
	const texts = Object.fromEntries(rosterFiles.map((name) => [name, [...roster.file(name)].join('')]));
	return { texts: texts as Record<RosterFile, string>, manifest: roster.manifest };
}

function verify(texts: Record<RosterFile, string>) {
	const options = verificationOptionsOf(profile(), { maxRowsPerFile: 10_000_000, hashSeed: 1 });
	const verification = createVerification({ ...options, findingsKept: 100_000 });
	for (const name of rosterFiles) {
		verification.beginFile(kindOfFile(`${name}.csv`) as NonNullable<ReturnType<typeof kindOfFile>>);
		verification.write(Buffer.from(texts[name]));
		verification.endFile();
	}
	return verification.finish();
}

const placeOf = ({ fileName, line, column }: Finding) => `${fileName}:${line}:${column ?? ''}`;

describe('the roster generator', () => {
	test('makes the same bytes of the same seed, and others of another', () => {
		const [one, same, other] = [1, 1, 2].map((seed) => generate({ students: 300, seed }).texts);
		expect(same).toEqual(one);
		expect(other).not.toEqual(one);
	});

	test('makes as many rows as its manifest says, which another parser reads too', () => {
		const { texts, manifest } = generate({ students: 500, seed: 3, quoteAll: true, lineEnd: '\n' });
		for (const name of rosterFiles) {
			expect((parse(texts[name], { columns: true }) as unknown[]).length, name).toBe(manifest.rows[name]);
		}
		expect(manifest.rows).toMatchObject({ Student: 500, StudentEnrollment: 3_500 });
	});

	test('makes a set without any finding', () => {
		expect(verify(generate({ students: 2_000, seed: 4 }).texts)).toMatchObject({ messages: [], findings: [] });
	});

	test('leaves every row alone that has no fault', () => {
		const [clean, faulty] = [0, 0.05].map((faultRate) => generate({ students: 400, seed: 5, faultRate }));
		for (const name of rosterFiles) {
			const faultyLines = new Set(faulty?.manifest.faults.filter(({ file }) => file === name).map(({ line }) => line));
			const [before, after] = [clean, faulty].map((set) => set?.texts[name].split('\r\n') ?? []);
			const changed = before?.flatMap((line, at) => (line === after?.[at] ? [] : [at + 1]));
			expect(new Set(changed), name).toEqual(faultyLines);
		}
	});

	test('changes only the share of students that it was asked to', () => {
		const [before, after] = [0, 0.1].map((changeRate) =>
			generate({ students: 1_000, seed: 6, changeRate }).texts.Student.split('\r\n'),
		);
		const changed = before?.filter((line, at) => line !== after?.[at]).length ?? 0;
		expect(changed).toBeGreaterThan(50);
		expect(changed).toBeLessThan(150);
	});

	test('moves only the share of enrollments that it was asked to, and nobody to where they are', () => {
		const [before, after] = [0, 0.1].map((moveRate) => generate({ students: 1_000, seed: 6, moveRate }).texts);
		const lines = [before, after].map((texts) => texts?.StudentEnrollment.split('\r\n') ?? []);
		const moved = lines[0]?.filter((line, at) => line !== lines[1]?.[at]).length ?? 0;
		expect(moved).toBeGreaterThan(500);
		expect(moved).toBeLessThan(900);
		expect({ ...after, StudentEnrollment: '' }).toEqual({ ...before, StudentEnrollment: '' });
		expect(verify(after as Record<RosterFile, string>).findings).toEqual([]);
	});
});

describe('verification', () => {
	test('finds exactly what was put in: every fault, in its line and column, and nothing else', () => {
		// Schools are few: at this rate some of them are faulty too.
		const { texts, manifest } = generate({ students: 20_000, seed: 12, faultRate: 0.1 });
		expect(new Set(manifest.faults.map(({ kind }) => kind))).toEqual(new Set(faultKinds));
		const { findings } = verify(texts);
		const injected = manifest.faults.map(({ file, line, column }) => {
			const kind = kindOfFile(`${file}.csv`) as NonNullable<ReturnType<typeof kindOfFile>>;
			return `${rosterFileName(kind)}:${line}:${column ?? ''}`;
		});
		expect(findings.map(placeOf).sort()).toEqual(injected.sort());
	});
});
