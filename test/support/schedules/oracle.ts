import { effectiveStatus } from '../../../src/domain/lifecycle.ts';
import { type RosterKind, rosterKinds } from '../../../src/domain/roster/format/kinds.ts';
import { runStartTime } from '../../../src/domain/run-id.ts';
import { type Journal, type Launch, newestBefore, type Refusal } from './journal.ts';
import { imageOf, type RosterImage, textOf } from './roster-versions.ts';
import type { Ending } from './scenario.ts';
import { quietMs, type ScheduleWorld } from './schedule-world.ts';

/** The files of every run were meant, and no set ran twice. */
export async function runFaults({ log, runRecords }: ScheduleWorld): Promise<string[]> {
	const taken = log.launches.filter(({ takesUploads }) => takesUploads);
	const records = new Map((await runRecords()).map((run) => [run.id, run]));
	const faults = taken.flatMap((launch) => [...unmeantFiles(log, launch), ...staleFiles(log, launch)]);
	faults.push(...log.refusals.flatMap((refusal) => staleFiles(log, refusal)));
	faults.push(...log.launches.flatMap(({ run, ...launch }) => restlessFiles(log, { ...launch, runId: run.runId })));
	faults.push(...log.refusals.flatMap((refusal) => restlessFiles(log, refusal)));
	faults.push(...log.launches.flatMap((launch) => notLastAccepted(log, launch)));
	for (const [at, { run, versions }] of taken.entries()) {
		const twin = taken.slice(at + 1).find((later) => textOf(later.versions) === textOf(versions));
		const { outcome } = records.get(run.runId) ?? {};
		if (twin && outcome !== 'failed' && outcome !== 'terminated' && outcome !== undefined)
			faults.push(`Runs ${run.runId} (${outcome}) and ${twin.run.runId} took the same files: ${textOf(versions)}.`);
	}
	return faults;
}

function unmeantFiles(log: Journal, { run, versions, order }: Launch): string[] {
	const beganAt = runStartTime(run.runId).getTime();
	const least = newestBefore(log, ({ atMs }) => atMs < beganAt);
	return rosterKinds.flatMap((kind) => {
		const version = versions.get(kind) ?? Number.NaN;
		const put = log.puts.find((each) => each.version === version && each.kind === kind);
		if (put && put.order < order && version >= (least.get(kind) ?? 0)) return [];
		return [`Run ${run.runId} took ${kind} v${version}; the newest was v${least.get(kind)}.`];
	});
}

/** A run that takes no uploads syncs those that were accepted last. */
function notLastAccepted({ launches }: Journal, launch: Launch): string[] {
	if (launch.takesUploads) return [];
	const last = launches.findLast(({ order, takesUploads }) => takesUploads && order < launch.order);
	if (last && textOf(last.versions) === textOf(launch.versions)) return [];
	return [
		`Run ${launch.run.runId} synced ${textOf(launch.versions)} again; last accepted was ${last && textOf(last.versions)}.`,
	];
}

/** An automatic start waits until the uploads have rested. */
function restlessFiles({ puts }: Journal, { runId, reason, versions }: Refusal): string[] {
	if (reason !== 'drop') return [];
	const newestMs = Math.max(
		...puts.filter(({ kind, version }) => versions.get(kind) === version).map(({ atMs }) => atMs),
	);
	return runStartTime(runId).getTime() - newestMs < quietMs
		? [`Drop ${runId} did not let ${textOf(versions)} rest.`]
		: [];
}

/** What stayed from a refused set joins a new one only if just what was named is new. */
function staleFiles(log: Journal, { order, reason, versions }: Launch | Refusal): string[] {
	if (reason !== 'drop') return [];
	const accepted = log.launches.findLast((launch) => launch.takesUploads && launch.order < order);
	const refusal = log.refusals.findLast((each) => each.order < order);
	if (!refusal || (accepted && accepted.order > refusal.order)) return [];
	const isNew = (kind: RosterKind) => versions.get(kind) !== refusal.versions.get(kind);
	const isThere = (kind: RosterKind) => refusal.versions.has(kind);
	// A reference to a file that is missing is not looked for.
	const isNamed = (kind: RosterKind) =>
		!isThere(kind) || (log.isFaulty(refusal.versions.get(kind) ?? 0) && isThere(faultyReference[kind]));
	if (rosterKinds.every(isNew) || rosterKinds.every((kind) => isNew(kind) === isNamed(kind))) return [];
	return [`A drop took ${textOf(versions)} after ${textOf(refusal.versions)} was refused.`];
}

/** To which file the faulty row refers in vain; a school lacks a name. */
const faultyReference: Readonly<Record<RosterKind, RosterKind>> = {
	school: 'school',
	section: 'school',
	student: 'school',
	teacher: 'school',
	studentEnrollment: 'student',
	teacherRoster: 'teacher',
};

/** The client of the ending gets exactly the files that it uploaded. */
export async function endingFaults(
	world: ScheduleWorld,
	{ ending, begin }: { ending: Ending; begin: number },
): Promise<string[]> {
	const { log } = world;
	const profile = await world.profile();
	if (profile?.state !== 'provisioned') return [];
	const mine = log.puts.filter(({ order }) => order > begin);
	if (ending.name === 'replacer') {
		const refused = mine.slice(0, rosterKinds.length);
		const first = mine[rosterKinds.length];
		const isRefused = log.refusals.some(
			({ order, versions }) =>
				order < (first?.order ?? 0) && refused.every(({ kind, version }) => versions.get(kind) === version),
		);
		// Whoever was not refused yet had uploaded half of two rosters, and must call `start`.
		if (!isRefused && !ending.hasStart) return [];
	}
	const newest = newestBefore(log, () => true);
	const last = log.launches.findLast(({ takesUploads }) => takesUploads);
	const outcome = (await world.runRecords()).find(({ id }) => id === log.launches.at(-1)?.run.runId)?.outcome;
	const expected = rosterKinds.map((kind) => `${kind} v${newest.get(kind)}`).join(', ');
	const faults: string[] = [];
	if (!last || last.order < begin || textOf(last.versions) !== expected)
		faults.push(`The ${ending.name} of ${begin} ended with ${last && textOf(last.versions)} instead of ${expected}.`);
	else if (outcome !== 'success') faults.push(`The ${ending.name} of ${begin} ended with a run that is ${outcome}.`);
	return faults;
}

const restingStatuses = new Set(['paused', 'success', 'error', 'validationError']);

/** When all has come to rest: a legal state, no open run, and a directory that is what was accepted last. */
export async function restFaults(world: ScheduleWorld): Promise<string[]> {
	const { log, engine, ref, time } = world;
	const profile = await world.profile();
	if (!profile) return [];
	const faults: string[] = [];
	const status = effectiveStatus(profile, time.now());
	// Whoever left while a history was forgotten is found later, and held.
	const mayHold = new Set(log.launches.map(({ run }) => run.generation)).size > 1;
	if (profile.state !== 'provisioned' || !(restingStatuses.has(status) || (mayHold && status === 'quarantined')))
		faults.push(`The profile rests as ${profile.state}, ${status}.`);
	const still = engine.suspendedRunId(ref.profileId);
	if (still && profile.pausedSince === undefined && profile.status !== 'validationError')
		faults.push(`Run ${still} stands still, and the profile does not say so.`);
	for (const { id, reason, outcome } of await world.runRecords())
		if (outcome === undefined && id !== still) faults.push(`Run ${id} (${reason}) stays open.`);
	const last = log.launches.at(-1);
	// A reset that a pause has overtaken may have ended a run; it begins anew when the profile is resumed.
	const waits = still !== undefined || (profile.pausedSince !== undefined && last?.isTerminated);
	if (last && !waits) faults.push(...(await directoryFaults(world, last)));
	return faults;
}

const without = (all: ReadonlySet<string>, some: ReadonlySet<string>) => [...all].filter((each) => !some.has(each));

async function directoryFaults(world: ScheduleWorld, last: Launch): Promise<string[]> {
	const { outcome, heldRemovals } = (await world.runRecords()).find(({ id }) => id === last.run.runId) ?? {};
	if (outcome !== 'success') return [`The last run, ${last.run.runId}, ended as ${outcome}.`];
	const wanted = imageOf(last.versions);
	const found = directoryImage(world);
	const faults = [...wanted.objects].flatMap(([name, version]) =>
		found.objects.get(name) === version
			? []
			: [`The directory has ${name} of ${found.objects.get(name)} instead of ${version}.`],
	);
	for (const member of without(wanted.memberships, found.memberships))
		faults.push(`The directory lacks ${member} of ${textOf(last.versions)}.`);
	const mayStay = membershipsThatMayStay(world.log, last);
	const isFaulty = world.log.launches.some(({ versions }) => [...versions.values()].some(world.log.isFaulty));
	for (const member of without(found.memberships, wanted.memberships)) {
		if (!mayStay.has(member))
			faults.push(`The directory still has ${member}, which is not in ${textOf(last.versions)}.`);
		else if (!isFaulty && heldRemovals === undefined)
			faults.push(`The directory still has ${member}, and nobody is told.`);
	}
	return faults;
}

/** Nothing is removed on the strength of a history that was forgotten, or of a file of which rows were skipped. */
function membershipsThatMayStay({ launches, isFaulty }: Journal, last: Launch): Set<string> {
	const { generation } = last.run;
	const known = launches.find(
		({ run, ended, isTerminated }) => run.generation === generation && ended !== undefined && !isTerminated,
	);
	const forgotten = launches.filter(({ run, order }) => run.generation !== generation || order < (known?.order ?? 0));
	const all = (some: readonly Launch[]) => new Set(some.flatMap(({ versions }) => [...imageOf(versions).memberships]));
	const mayStay = all(forgotten);
	for (const member of all(launches)) {
		const kind = member.split(' ')[0] as RosterKind;
		if (launches.some(({ versions }) => isFaulty(versions.get(kind) ?? 0))) mayStay.add(member);
	}
	return mayStay;
}

function directoryImage({ stores: { directory } }: ScheduleWorld): RosterImage {
	const { schools, classes, users } = directory;
	const objects = new Map<string, string>();
	const memberships = new Set<string>();
	for (const { externalId, attributes } of schools.values())
		objects.set(`school ${externalId}`, String(attributes.schoolNumber));
	for (const { externalId, attributes, role } of users.values()) {
		const own = attributes[role ?? ''] as Record<string, unknown> | undefined;
		objects.set(`${role} ${externalId}`, String(own?.[`${role}Number`]));
	}
	for (const { id, externalId, attributes } of classes.values()) {
		objects.set(`section ${externalId}`, String(attributes.classCode));
		for (const [role, kind] of [
			['student', 'studentEnrollment'],
			['teacher', 'teacherRoster'],
		] as const)
			for (const member of directory.membersOf(id, role))
				memberships.add(`${kind} ${externalId},${users.get(member)?.externalId}`);
	}
	return { objects, memberships };
}

/** A deleted profile leaves nothing. */
export async function deletionFaults(world: ScheduleWorld): Promise<string[]> {
	if (await world.profile()) return [];
	const { stores, ref } = world;
	const { profileId } = ref;
	const left = {
		files: [...stores.rosters.files.keys()].filter((path) => path.startsWith(profileId)),
		uploads: (await stores.uploads.list(profileId, 9)).length,
		errors: await stores.errors.count(profileId),
		runs: (await world.runRecords()).length,
	};
	return Object.values(left).every((each) => each === 0 || (Array.isArray(each) && each.length === 0))
		? []
		: [`The deleted profile left ${JSON.stringify(left)}.`];
}
