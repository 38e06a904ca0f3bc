import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { seededRandom } from '../../bench/random.ts';
import { SyncApiError } from '../../src/domain/errors.ts';
import { effectiveStatus } from '../../src/domain/lifecycle.ts';
import type { ProfileRef } from '../../src/ports.ts';
import { definition } from '../support/rosters/profile-builder.ts';
import { randomTurns } from '../support/rosters/random-turns.ts';
import { smallRoster } from '../support/rosters/roster.ts';
import { ownTenant } from '../support/tenants.ts';
import { type Answer, LifecycleModel, type Step, steps } from '../support/worlds/lifecycle-model.ts';
import { type ServiceWorld, serviceWorld } from '../support/worlds/service-world.ts';

const expirationDate = '2026-03-10';
const good = smallRoster();
// A pupil without a school: the row is wrong, the file can be read.
const faulty = smallRoster({
	'Student.csv':
		'SIS ID,School SIS ID,First Name,Last Name,Username,Password\r\nP1,S9,Zoë,Ardent,zardent,Welcome-2026!\r\n',
});

async function newWorld(world: ServiceWorld): Promise<ProfileRef> {
	const profile = await world.services.profiles.create(ownTenant, {
		definition: definition({ displayName: '0', expirationDate }),
	});
	return { tenantId: ownTenant, profileId: profile.id };
}

async function upload({ uploads }: ServiceWorld, { profileId }: ProfileRef, step: Step): Promise<void> {
	// Storage takes nothing where no container is.
	if ((await uploads.tenantOf(profileId)) === undefined) return;
	const files = Object.entries(step.includes('faulty') ? faulty : good);
	const chosen = step.includes('some') ? files.slice(0, 1) : files;
	for (const [name, text] of chosen) uploads.put(profileId, name, text as string);
}

/** Does it, and answers in the words of the model. Any other failure fails the test. */
async function take(world: ServiceWorld, ref: ProfileRef, step: Step): Promise<Answer> {
	const { profiles, lifecycle, starts, uploads } = world.services;
	const work: Partial<Record<Step, () => Promise<unknown>>> = {
		// Counts in the name: an update that is lost would be missed.
		update: () =>
			profiles.update(ref, (current) => ({
				definition: { ...current, displayName: String(Number(current.displayName) + 1) },
			})),
		extend: () => profiles.update(ref, ({ expirationDate: _, ...current }) => ({ definition: current })),
		delete: () => profiles.delete(ref),
		pause: () => lifecycle.pause(ref),
		resume: () => lifecycle.resume(ref),
		reset: () => lifecycle.reset(ref),
		start: () => starts.start(ref),
		getUploadUrl: () => uploads.getUploadUrl(ref),
		engine: () => world.engine.step(),
		expire: async () => world.clock.set('2026-03-11T00:00:00Z'),
	};
	try {
		if (step.startsWith('upload')) await upload(world, ref, step);
		const answer = await work[step]?.();
		const isRefused = typeof answer === 'object' && answer !== null && 'accepted' in answer && !answer.accepted;
		return isRefused ? 'refused' : 'done';
	} catch (error) {
		if (!(error instanceof SyncApiError)) throw error;
		if (error.code === 'ResourceNotFound') return 'gone';
		if (error.code !== 'BadRequest' && error.code !== 'Conflict') throw error;
		return error.code;
	}
}

describe('the life of a profile', () => {
	test('is as the contract tells it, over 7,000 random sequences of requests', async () => {
		const sequences = fc.array(fc.constantFrom(...steps), { minLength: 1, maxLength: 24 });
		await fc.assert(
			fc.asyncProperty(sequences, async (sequence) => {
				const world = serviceWorld();
				const ref = await newWorld(world);
				const model = new LifecycleModel();
				for (const step of sequence) {
					const expected = model.take(step);
					expect(await take(world, ref, step), step).toBe(expected);
					const profile = (await world.profiles.get(ref.tenantId, ref.profileId))?.profile;
					expect(profile?.state ?? 'gone', step).toBe(model.state);
					if (profile) expect(effectiveStatus(profile, world.clock.now()), step).toBe(model.shownStatus);
					expect(world.engine.stateOf(ref.profileId), step).toBe(model.run);
				}
			}),
			{ numRuns: 7_000, seed: 20_260_101 },
		);
	});

	test('stands 3,000 random sequences of concurrent clients: no lost update, no double run, no failure', async () => {
		const clients = fc.array(fc.array(fc.constantFrom(...steps), { minLength: 1, maxLength: 6 }), {
			minLength: 2,
			maxLength: 4,
		});
		await fc.assert(
			fc.asyncProperty(clients, fc.integer(), async (sequences, seed) => {
				const turns = randomTurns(seededRandom(seed).below);
				const world = serviceWorld(turns.turn);
				const ref = await turns.untilDone(newWorld(world));
				await world.engine.step();
				const updates = await playConcurrently(world, ref, { sequences, seed });
				for (let at = 0; at < 100 && (await world.engine.step()); at++);
				await expectSound(world, ref, updates);
			}),
			{ numRuns: 3_000, seed: 20_260_102 },
		);
	});
});

/** All clients at once, each with its own steps in order; answers how many updates went through. */
async function playConcurrently(
	world: ServiceWorld,
	ref: ProfileRef,
	{ sequences, seed }: { sequences: readonly Step[][]; seed: number },
): Promise<number> {
	const turns = randomTurns(seededRandom(seed + 1).below);
	world.takeTurns(turns.turn);
	let updates = 0;
	const client = async (sequence: readonly Step[]) => {
		for (const step of sequence) if ((await take(world, ref, step)) === 'done' && step === 'update') updates++;
	};
	await turns.untilDone(Promise.all(sequences.map(client)));
	return updates;
}

async function expectSound(world: ServiceWorld, ref: ProfileRef, updates: number): Promise<void> {
	const profile = (await world.profiles.get(ref.tenantId, ref.profileId))?.profile;
	const runs = (await world.runs.list(ref.profileId, { size: 999 })).items;
	if (!profile) return expect(runs).toEqual([]);
	expect(Number(profile.displayName), 'updates').toBe(updates);
	const started = new Set(world.engine.started.map(({ runId }) => runId));
	const sets = runs
		.filter(({ id, outcome }) => started.has(id) && outcome !== 'terminated')
		.filter(({ acceptedFiles }) => acceptedFiles.length > 0)
		.map(({ acceptedFiles }) => acceptedFiles.map(({ etag }) => etag).join());
	expect(new Set(sets).size, 'runs with the same uploads').toBe(sets.length);
	const isSuspended = world.engine.stateOf(ref.profileId) === 'suspended';
	if (isSuspended) expect(profile.pausedSince !== undefined || profile.status === 'validationError').toBe(true);
	else expect(effectiveStatus(profile, afterClaims(world)), 'status in the end').not.toBe('inProgress');
}

/** A claim that nobody let go lapses. */
const afterClaims = ({ clock }: ServiceWorld) => new Date(clock.now().getTime() + 60_000);
