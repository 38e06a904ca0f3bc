import { afterEach, describe, expect, test } from 'vitest';
import type { Orchestrations, ProfileRef, SyncRef } from '../../src/ports.ts';
import { expectSoon } from '../local/support/soon.ts';
import { freshId } from '../support/fresh-ids.ts';
import { type HeldSteps, heldSteps, stepsOfSync } from '../support/held-steps.ts';
import { ownTenant } from '../support/tenants.ts';

export interface OrchestrationsWorld {
	/** Carries out `steps`: of a sync `stepsOfSync` of them one after the other, of anything else one. */
	orchestrations: Orchestrations;
	now(): Date;
}

/** The contract of the port, for all that start orchestrations and ask after them. */
export function orchestrationsSuite(name: string, open: (steps: HeldSteps) => OrchestrationsWorld): void {
	const opened: HeldSteps[] = [];
	// A step that a test has left behind must not keep its host waiting.
	afterEach(() => {
		for (const steps of opened.splice(0)) steps.letAllGo();
	});

	function world() {
		const steps = heldSteps();
		opened.push(steps);
		const { orchestrations, now } = open(steps);
		const ref: ProfileRef = { tenantId: ownTenant, profileId: freshId() };
		const newRun = (): SyncRef => ({ ...ref, runId: freshId(), generation: 'first' });
		const stateOf = (state: string) => expectSoon(() => orchestrations.syncState(ref)).toBe(state);
		return { orchestrations, now, steps, ref, newRun, stateOf };
	}

	/** A sync whose first step is under way. */
	async function withSync() {
		const opened = world();
		const { orchestrations, steps, newRun } = opened;
		const run = newRun();
		expect(await orchestrations.startSync(run)).toBe(true);
		await steps.untilBegun(`${run.runId} 0`);
		const step = (number: number, of = run) => `${of.runId} ${number}`;
		return { ...opened, run, step, allSteps: stepsOfSync.map((number) => step(number)) };
	}

	const three = <T>(work: () => Promise<T>) => Promise.all([work(), work(), work()]);

	describe(`a sync ${name}`, () => {
		test('does its steps one after the other, and is over', async () => {
			const { orchestrations, ref, steps, allSteps, stateOf } = await withSync();
			for (const each of allSteps) {
				await steps.untilBegun(each);
				expect(steps.begun.at(-1)).toBe(each);
				expect(await orchestrations.syncState(ref)).toBe('running');
				steps.letGo(each);
			}
			await stateOf('none');
			expect(steps.begun).toEqual(allSteps);
		});

		test('is the only one of its profile, be it running or suspended, and not that of another', async () => {
			const { orchestrations, ref, steps, newRun, allSteps, stateOf } = await withSync();
			expect(await three(() => orchestrations.startSync(newRun()))).toEqual([false, false, false]);
			await orchestrations.suspendSync(ref);
			expect(await orchestrations.startSync(newRun())).toBe(false);
			const other = { ...newRun(), profileId: freshId() };
			expect(await orchestrations.startSync(other)).toBe(true);
			expect(await orchestrations.syncState(other)).toBe('running');
			await orchestrations.resumeSync(ref);
			steps.letAllGo();
			await stateOf('none');
			const own = steps.begun.filter((step) => !step.startsWith(other.runId));
			expect(own).toEqual(allSteps);
			expect(await orchestrations.startSync(newRun())).toBe(true);
		});

		test('is one where two begin at once', async () => {
			const { orchestrations, steps, newRun, stateOf } = world();
			const runs = [newRun(), newRun()];
			const answers = await Promise.all(runs.map((run) => orchestrations.startSync(run)));
			expect(answers).toContain(true);
			steps.letAllGo();
			await stateOf('none');
			expect(new Set(steps.begun.map((step) => step.split(' ')[0])).size).toBe(1);
		});

		test('that is suspended finishes its step and begins none, until it is resumed', async () => {
			const { orchestrations, ref, steps, step, allSteps, stateOf } = await withSync();
			await orchestrations.suspendSync(ref);
			expect(await orchestrations.syncState(ref)).toBe('suspended');
			steps.letGo(step(0));
			await steps.untilDone(step(0));
			// What comes after it in the queue has been looked at when this is done.
			await orchestrations.provision(ref);
			await steps.untilBegun(`provision ${ref.profileId}`);
			expect([await orchestrations.syncState(ref), steps.begun.includes(step(1))]).toEqual(['suspended', false]);
			await orchestrations.resumeSync(ref);
			expect(await orchestrations.syncState(ref)).toBe('running');
			steps.letAllGo();
			await stateOf('none');
			expect(steps.begun.filter((each) => !each.startsWith('provision'))).toEqual(allSteps);
		});

		test('that is resumed before its step has ended goes on after it', async () => {
			const { orchestrations, ref, steps, step, allSteps, stateOf } = await withSync();
			await orchestrations.suspendSync(ref);
			await orchestrations.resumeSync(ref);
			expect([await orchestrations.syncState(ref), steps.begun]).toEqual(['running', [step(0)]]);
			steps.letAllGo();
			await stateOf('none');
			expect(steps.begun).toEqual(allSteps);
		});

		test('is suspended, resumed and ended by several at once, and twice', async () => {
			const { orchestrations, ref, steps, step, newRun } = await withSync();
			for (let time = 0; time < 2; time++) {
				await three(() => orchestrations.suspendSync(ref));
				await orchestrations.suspendSync(ref);
				expect(await orchestrations.syncState(ref)).toBe('suspended');
				await three(() => orchestrations.resumeSync(ref));
				await orchestrations.resumeSync(ref);
				expect(await orchestrations.syncState(ref)).toBe('running');
			}
			await three(() => orchestrations.endSync(ref));
			await orchestrations.endSync(ref);
			expect(await orchestrations.syncState(ref)).toBe('none');
			expect(steps.begun).toEqual([step(0)]);
			expect(await orchestrations.startSync(newRun())).toBe(true);
		});

		test('that is ended finishes its step all the same, and begins none, be there another by then', async () => {
			const { orchestrations, ref, steps, step, newRun, stateOf } = await withSync();
			await orchestrations.endSync(ref);
			expect(await orchestrations.syncState(ref)).toBe('none');
			const next = newRun();
			expect(await orchestrations.startSync(next)).toBe(true);
			await steps.untilBegun(step(0, next));
			expect(steps.isDone(step(0))).toBe(false);
			steps.letGo(step(0));
			await steps.untilDone(step(0));
			expect(await orchestrations.syncState(ref)).toBe('running');
			steps.letAllGo();
			await stateOf('none');
			expect(steps.begun).toEqual([step(0), ...stepsOfSync.map((number) => step(number, next))]);
		});

		test('can be ended while it is suspended, and leaves the next one running', async () => {
			const { orchestrations, ref, steps, step, newRun, stateOf } = await withSync();
			await orchestrations.suspendSync(ref);
			await orchestrations.endSync(ref);
			expect(await orchestrations.syncState(ref)).toBe('none');
			const next = newRun();
			expect(await orchestrations.startSync(next)).toBe(true);
			expect(await orchestrations.syncState(ref)).toBe('running');
			steps.letAllGo();
			await stateOf('none');
			expect(steps.begun).toEqual([step(0), ...stepsOfSync.map((number) => step(number, next))]);
		});

		test('that is not there can be told anything, and nothing comes of it', async () => {
			const { orchestrations, ref, newRun } = world();
			for (const method of ['suspendSync', 'resumeSync', 'endSync'] as const) await orchestrations[method](ref);
			expect(await orchestrations.syncState(ref)).toBe('none');
			expect(await orchestrations.startSync(newRun())).toBe(true);
			expect(await orchestrations.syncState(ref)).toBe('running');
		});
	});

	describe(`other orchestrations ${name}`, () => {
		test.each(['provision', 'remove'] as const)('%s as often as they are asked, also at once', async (method) => {
			const { orchestrations, ref, steps } = world();
			await Promise.all([orchestrations[method](ref), orchestrations[method](ref)]);
			await orchestrations[method](ref);
			steps.letAllGo();
			await expectSoon(() => steps.begun).toEqual(Array(3).fill(`${method} ${ref.profileId}`));
		});

		test('settle a set of uploads once, however often it is told, also when that is done', async () => {
			const { orchestrations, ref, steps } = world();
			const settling = (setId: string, { profileId } = ref) => `settle ${profileId} ${setId}`;
			await three(() => orchestrations.settleUploads(ref, 'set'));
			await steps.untilBegun(settling('set'));
			steps.letAllGo();
			await steps.untilDone(settling('set'));
			const other = { ...ref, profileId: freshId() };
			await orchestrations.settleUploads(ref, 'set');
			await orchestrations.settleUploads(ref, 'next');
			await orchestrations.settleUploads(other, 'set');
			for (const each of [settling('next'), settling('set', other)]) await steps.untilDone(each);
			expect(steps.begun.toSorted()).toEqual([settling('set'), settling('next'), settling('set', other)].sort());
		});

		test('are forgotten once they have ended, if they began before', async () => {
			const { orchestrations, now, ref, steps, newRun } = world();
			const begin = now();
			const settling = `settle ${ref.profileId} set`;
			const settle = () => orchestrations.settleUploads(ref, 'set');
			await settle();
			await steps.untilBegun(settling);
			const later = () => new Date(now().getTime() + 600_000);
			await orchestrations.startSync(newRun());
			await orchestrations.forgetBefore(later());
			await settle();
			expect(await orchestrations.syncState(ref)).toBe('running');
			steps.letGo(settling);
			await steps.untilDone(settling);
			await orchestrations.forgetBefore(new Date(begin.getTime() - 60_000));
			await settle();
			expect(steps.begun.filter((step) => step === settling)).toHaveLength(1);
			// Its end is recorded a moment after its step.
			await expectSoon(async () => {
				await orchestrations.forgetBefore(later());
				await settle();
				return steps.begun.filter((step) => step === settling).length;
			}).toBeGreaterThan(1);
			expect(await orchestrations.syncState(ref)).toBe('running');
		});
	});
}
