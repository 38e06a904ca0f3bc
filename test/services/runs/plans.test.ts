import { describe, expect, test } from 'vitest';
import type { ChangePlace, PlannedChange } from '../../../src/services/runs/planned-changes.ts';
import { planService } from '../../../src/services/runs/plans.ts';
import { planPath, postponedPath } from '../../../src/services/sync/files/roster-paths.ts';
import { reusedChunks, textOf } from '../../support/bytes-of.ts';
import { asyncRefusal } from '../../support/requests/refusal.ts';
import { district } from '../../support/rosters/district.ts';
import { runWorld } from '../../support/worlds/run-world.ts';

const { enrollments, files } = district({ schools: 2, classes: 4, students: 10 });

function planned() {
	// Small slices, so that a page goes over several.
	const world = runWorld({ status: 'inProgress' }, { recordsPerSlice: 7 });
	const plans = planService(world.deps);
	const allOf = async (changes: AsyncIterable<PlannedChange>) => {
		const all: PlannedChange[] = [];
		for await (const change of changes) all.push(change);
		return all;
	};
	return { ...world, plans, allOf };
}

describe('the plan of a run', () => {
	test('counts each kind, shows every change once, page by page, and names the school of each class', async () => {
		const { plans, accept, carry, allOf } = planned();
		const run = await accept(files(enrollments));
		const { directoryWrites } = await carry(run);
		const plan = await plans.of(run);
		const none = { changed: 0, removed: 0, unchanged: 0, held: 0 };
		expect(plan.counts).toMatchObject({
			school: { ...none, added: 2 },
			student: { ...none, added: 80 },
			section: { ...none, added: 8 },
			studentEnrollment: { ...none, added: 240 },
			schoolStudent: { ...none, added: 80 },
		});
		const all = await allOf(plan.changes([]));
		expect(all).toHaveLength(await plan.count([]));
		expect(all).toHaveLength(2 + 8 + 80 + 2 + 240 + 8 + 80 + 2);
		expect(all).toContainEqual({ operation: 'add', kind: 'section', school: 'S1', class: 'S1C2', isHeld: false });
		expect(all).toContainEqual({ operation: 'add', kind: 'student', person: 'S1C2P0', isHeld: false });
		const member = { school: 'S1', class: 'S1C2', person: 'S1C2P0' };
		expect(all).toContainEqual({ operation: 'add', kind: 'studentEnrollment', ...member, isHeld: false });
		const paged: PlannedChange[] = [];
		for (let from: ChangePlace | undefined = { slice: 0, line: 0 }; from; ) {
			const { items, next } = await plan.page({ size: 11, where: [], from });
			paged.push(...items);
			from = next;
		}
		expect(paged).toEqual(all);
		expect(plan.estimate.writes).toBe(directoryWrites);
	});

	test('of an export that lost a school says what is held, and that alone', async () => {
		const { plans, accept, carry, allOf, change } = planned();
		await carry(await accept(files(enrollments)));
		await change({ status: 'inProgress' });
		const run = await accept(files(enrollments.filter((row) => !row.startsWith('S1C')).slice(1)));
		await carry(run);
		const plan = await plans.of(run);
		expect(plan.counts.studentEnrollment).toEqual({ added: 0, changed: 0, removed: 1, unchanged: 119, held: 120 });
		const where = [{ property: 'school', operator: 'eq', value: 's1' } as const];
		const held = await allOf(plan.changes(where));
		expect([held.length, await plan.count(where)]).toEqual([120, 120]);
		expect(held.every(({ isHeld, operation, school }) => isHeld && operation === 'remove' && school === 'S1')).toBe(
			true,
		);
		const gone = await allOf(plan.changes([{ property: 'class', operator: 'eq', value: 'S0C0' }]));
		expect(gone).toMatchObject([{ operation: 'remove', kind: 'studentEnrollment', school: 'S0', isHeld: false }]);
	});

	test('goes by the same name for the same changes, and by another for any others', async () => {
		const nameOf = async (rows: readonly string[]) => {
			const { plans, accept, carry } = planned();
			const run = await accept(files(rows));
			await carry(run);
			return (await plans.of(run)).etag;
		};
		const [first, second, other] = [
			await nameOf(enrollments),
			await nameOf(enrollments),
			await nameOf(enrollments.slice(1)),
		];
		expect(first).toMatch(/^"[\w-]+"$/);
		expect([second === first, other === first]).toEqual([true, false]);
	});

	test('of any file that is kept has no password, and nothing but what is read', async () => {
		const { plans, accept, carry, deps } = planned();
		const { rosters } = deps;
		const run = await accept(files(enrollments));
		const place = { kind: 'student', shard: 0, part: 0 } as const;
		const readText = async (path: string) => textOf((await rosters.read(path)) ?? reusedChunks([]));
		let before = '';
		let name = '';
		await carry(run, async (work, step) => {
			if (step.name === 'applySlice' && before === '') {
				before = await readText(planPath(run, place));
				name = (await plans.of(run)).etag;
			}
			return work();
		});
		// While it is carried out it has them, or nobody would get one.
		expect(before).toContain('Welcome-2026!');
		expect(await readText(planPath(run, place))).not.toContain('Welcome-2026!');
		expect(await rosters.read(postponedPath(run, place))).toBeUndefined();
		expect((await plans.of(run)).etag).toBe(name);
	});

	test('can be read as soon as there is one, and until a newer run has ended', async () => {
		const { plans, accept, carry, change } = planned();
		const run = await accept(files(enrollments));
		expect(await asyncRefusal(plans.of(run))).toMatchObject({
			code: 'Conflict',
			message: expect.stringContaining('has no plan yet'),
		});
		await carry(run);
		await change({ status: 'inProgress' });
		const next = await accept(files(enrollments.slice(1)));
		await plans.of(run);
		await carry(next);
		await plans.of(next);
		expect(await asyncRefusal(plans.of(run))).toMatchObject({
			code: 'ResourceNotFound',
			message: expect.stringContaining('or none any more'),
		});
		const unknown = { ...run, runId: '00000000-0000-8000-8000-000000000000' };
		expect((await asyncRefusal(plans.of(unknown))).message).toContain('does not exist');
	});
});
