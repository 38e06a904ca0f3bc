import type { Clock, DueWorkStore, StoredDueWork } from '../../ports.ts';
import { type Chore, deployment, planChores } from './chores.ts';
import { doProfileWork, type ProfileWorkDeps } from './profile-work.ts';

export interface DueWorkDeps {
	due: DueWorkStore;
	clock: Clock;
	tenants: readonly string[];
	profileWork: ProfileWorkDeps;
	chores: Readonly<Record<string, Chore>>;
}

/** Whoever works on something has it so long; a crash delays it by as much. Longer than a verification takes. */
const leaseMs = 10 * 60_000;
/** As long as the platform lets a function run. */
const choreLeaseMs = 30 * 60_000;
/** What is not begun by then is left to the next call. */
const beginMs = 4 * 60_000;
const found = 100;
/** Most of it is waiting for storage. */
const width = 4;

/**
 * Does what is due, and answers how much that was. Several may do so at once, on several instances: each thing is done by one of them.
 * What fails stays, and comes again when its lease is over; then throws, after all else is done.
 */
export async function doDueWork(deps: DueWorkDeps): Promise<number> {
	await planChores(deps);
	const failures: unknown[] = [];
	const endsAt = deps.clock.now().getTime() + beginMs;
	let done = 0;
	for (const owner of [...new Set(deps.tenants), deployment]) {
		for (;;) {
			const some = deps.clock.now().getTime() < endsAt ? await deps.due.due(owner, deps.clock.now(), found) : [];
			for (let at = 0; at < some.length; at += width)
				await Promise.all(some.slice(at, at + width).map((stored) => doOne(stored)));
			if (some.length === 0) break;
		}
	}
	if (failures.length > 0) throw new AggregateError(failures, `Cannot do ${failures.length} of ${done} things due.`);
	return done;

	async function doOne(stored: StoredDueWork): Promise<void> {
		try {
			if (await takeAndDo(deps, stored)) done++;
		} catch (error) {
			done++;
			failures.push(error);
		}
	}
}

async function takeAndDo(deps: DueWorkDeps, stored: StoredDueWork): Promise<boolean> {
	const { owner, subject } = stored.work;
	const lease = owner === deployment ? choreLeaseMs : leaseMs;
	const taken = await deps.due.take(stored, new Date(deps.clock.now().getTime() + lease));
	if (!taken) return false;
	const next = await (owner === deployment
		? doChore(deps, subject)
		: doProfileWork(deps.profileWork, { tenantId: owner, profileId: subject }));
	// The next time first: a crash between the two leaves one look too many.
	if (next) await deps.due.put({ owner, subject, at: next });
	await deps.due.finish(taken);
	return true;
}

/** One that an earlier version had is not done any more. */
async function doChore({ chores, clock }: DueWorkDeps, name: string): Promise<Date | undefined> {
	const chore = chores[name];
	await chore?.work();
	return chore?.nextAfter(clock.now());
}
