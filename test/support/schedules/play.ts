import { seededRandom } from '../../../bench/random.ts';
import { SyncApiError } from '../../../src/domain/errors.ts';
import { rosterKinds } from '../../../src/domain/roster/format/kinds.ts';
import type { StartResult } from '../../../src/services/intake/start-service.ts';
import { definition } from '../rosters/profile-builder.ts';
import { answerFaults } from './answer-oracle.ts';
import type { Call, CallName } from './journal.ts';
import { deletionFaults, endingFaults, restFaults, runFaults } from './oracle.ts';
import { type Actor, type Deed, makeSchedule, type Schedule } from './scenario.ts';
import { type ScheduleWorld, scheduleWorld } from './schedule-world.ts';

export interface Played {
	schedule: Schedule;
	/** What is not as it must be, each in a sentence. */
	faults: readonly string[];
	/** What happened, for whoever looks for the reason. */
	history: readonly string[];
}

/** Plays the schedule that the seed stands for, and looks at what came of it. The same seed gives the same history. */
export async function playSchedule(seed: number): Promise<Played> {
	const random = seededRandom(seed);
	const schedule = makeSchedule(random);
	const world = await scheduleWorld(random);
	const faults: string[] = [];
	try {
		await playAll(world, schedule, faults);
		faults.push(...(await runFaults(world)), ...answerFaults(world));
	} catch (error) {
		faults.push(error instanceof Error ? `${error.message}\n${error.stack}` : String(error));
	}
	return { schedule, faults, history: historyOf(world) };
}

async function playAll(world: ScheduleWorld, { actors, ending, ...after }: Schedule, faults: string[]): Promise<void> {
	const { time } = world;
	const perform = performer(world);
	await time.untilDone(Promise.all(actors.map((actor) => act(world, perform, actor))));
	if (ending) {
		await time.untilDone(resumeAtLast(world, perform));
		const begin = world.log.next();
		await time.untilDone(act(world, perform, ending));
		await time.untilRest();
		faults.push(...(await endingFaults(world, { ending, begin })));
	}
	await time.untilRest();
	faults.push(...(await restFaults(world)));
	if (await world.profile()) faults.push(...(await probe(world, perform, after.isProbedByStart)));
	if (after.isDeleted && (await world.profile())) await removeDuringStart(world, perform);
	faults.push(...(await deletionFaults(world)));
}

/** A profile that is just being provisioned cannot be resumed yet. */
async function resumeAtLast({ time, log }: ScheduleWorld, perform: Perform): Promise<void> {
	do {
		await time.sleep(5_000);
		await perform({ do: 'resume', times: 1 });
	} while (log.calls.at(-1)?.answer === 'Conflict');
}

type Perform = (deed: Deed) => Promise<void>;

async function act({ time }: ScheduleWorld, perform: Perform, { steps }: Actor): Promise<void> {
	for (const { afterMs, deed } of steps) {
		await time.sleep(afterMs);
		await perform(deed);
	}
}

/** A profile must take six new files, whatever has happened to it. */
async function probe(world: ScheduleWorld, perform: Perform, byStart: boolean): Promise<string[]> {
	const begin = world.log.next();
	const isStill = (await world.profile())?.pausedSince !== undefined;
	const isCalled = byStart || isStill;
	for (const kind of rosterKinds) await world.time.untilDone(perform({ do: 'put', kind, isFaulty: false }));
	if (isCalled) await world.time.untilDone(perform({ do: 'start', times: 1 }));
	await world.time.untilRest();
	const ending = { name: isCalled ? 'caller' : 'dropper', prelude: 0, hasStart: isCalled, steps: [] } as const;
	return [...(await endingFaults(world, { ending, begin })), ...(await restFaults(world))];
}

async function removeDuringStart({ time }: ScheduleWorld, perform: Perform): Promise<void> {
	for (const kind of rosterKinds) await time.untilDone(perform({ do: 'put', kind, isFaulty: false }));
	const removal = async () => {
		await time.sleep((time.now().getTime() % 10) * removalStepMs);
		await perform({ do: 'delete', times: 1 });
	};
	await time.untilDone(Promise.all([perform({ do: 'start', times: 1 }), removal()]));
	await time.untilRest();
}

/** A start takes about a second. */
const removalStepMs = 150;

function performer(world: ScheduleWorld): Perform {
	const { log, time, services, engine, ref } = world;
	let versions = 0;
	const calls: Readonly<Record<CallName, () => Promise<unknown>>> = {
		start: () => services.starts.start(ref),
		pause: () => services.lifecycle.pause(ref),
		resume: () => services.lifecycle.resume(ref),
		reset: () => services.lifecycle.reset(ref),
		delete: () => services.profiles.delete(ref),
		update: () => services.profiles.update(ref, () => ({ definition: definition() })),
	};
	const callOnce = async (name: CallName) => {
		const call = {
			name,
			from: log.next(),
			fromMs: time.now().getTime(),
			suspendedRunId: engine.suspendedRunId(ref.profileId),
		};
		log.call({ ...call, ...(await answerOf(calls[name])) });
	};
	return async (deed) => {
		if (deed.do === 'put') await world.put({ kind: deed.kind, version: ++versions, isFaulty: deed.isFaulty });
		else await Promise.all(Array.from({ length: deed.times }, () => callOnce(deed.do)));
	};
}

async function answerOf(call: () => Promise<unknown>): Promise<Pick<Call, 'answer' | 'messages'>> {
	try {
		const result = await call();
		if (typeof result !== 'object' || result === null || !('accepted' in result))
			return { answer: 'done', messages: [] };
		const { accepted, messages } = result as StartResult;
		return { answer: accepted ? 'accepted' : 'refused', messages };
	} catch (error) {
		if (!(error instanceof SyncApiError) || error.code === 'InternalServerError') throw error;
		return { answer: error.code, messages: [] };
	}
}

function historyOf({ log }: ScheduleWorld): string[] {
	const files = (versions: ReadonlyMap<string, number>) =>
		[...versions].map(([kind, version]) => `${kind} v${version}${log.isFaulty(version) ? ' (faulty)' : ''}`).join(', ');
	const lines: [number, string][] = [
		...log.puts.map(({ order, atMs, ...put }): [number, string] => [
			order,
			`put ${files(new Map([[put.kind, put.version]]))} at ${new Date(atMs).toISOString().slice(11, 19)}`,
		]),
		...log.launches.flatMap(
			({ order, run, reason, takesUploads, versions, ended, isTerminated }): [number, string][] => [
				[order, `run ${run.runId} (${reason}${takesUploads ? '' : ', again'}): ${files(versions)}`],
				...(ended ? [[ended, `run ${run.runId} ${isTerminated ? 'terminated' : 'ended'}`] as [number, string]] : []),
			],
		),
		...log.refusals.map(({ order, reason, versions }): [number, string] => [
			order,
			`refused (${reason}): ${files(versions)}`,
		]),
		...log.calls.flatMap(({ name, from, to, fromMs, answer, messages }): [number, string][] => [
			[from, `${name} called at ${new Date(fromMs).toISOString().slice(11, 19)}`],
			[to, `${name} answered ${answer} ${messages.map(({ fileName, description }) => `${fileName}: ${description}`)}`],
		]),
	];
	return lines.sort(([a], [b]) => a - b).map(([order, line]) => `${order}. ${line}`);
}
