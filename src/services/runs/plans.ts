import type { TextCondition } from '../../directory-ports.ts';
import { apiErrors, SyncApiError } from '../../domain/errors.ts';
import type { Events, ProfileStore, RosterStore, RunRef, RunStore } from '../../ports.ts';
import { findPlanIndex, type PlanIndex } from '../sync/files/plan-index.ts';
import { getProfile } from '../sync/profile-changes.ts';
import { RunFailure } from '../sync/run-failure.ts';
import { type ChangePlace, type PlannedChange, readChanges } from './planned-changes.ts';

/** What a run is about to do, or did, change by change. */
export interface RunPlan extends Pick<PlanIndex, 'etag' | 'counts' | 'estimate'> {
	/** At most so many changes that meet all conditions, from a place on; `next` is where to go on. */
	page(request: PlanRequest): Promise<PlanPage>;
	/** All that meet them. */
	changes(where: readonly TextCondition[]): AsyncIterable<PlannedChange>;
	count(where: readonly TextCondition[]): Promise<number>;
}

export interface PlanRequest {
	size: number;
	where: readonly TextCondition[];
	from?: ChangePlace;
}

export interface PlanPage {
	items: readonly PlannedChange[];
	next?: ChangePlace;
}

export interface PlanService {
	/**
	 * Of the latest run, and of a dry run until another run has ended. Throws `SyncApiError`: 404 for an unknown profile or run and for a
	 * plan that is not kept any more, 409 as long as the run has not come to it.
	 */
	of(run: RunRef): Promise<RunPlan>;
}

export interface PlanDeps {
	profiles: ProfileStore;
	runs: RunStore;
	rosters: RosterStore;
	events: Events;
	hashSeed: () => number;
}

export function planService(deps: PlanDeps): PlanService {
	return {
		async of(ref) {
			await getProfile(deps.profiles, ref);
			const run = await deps.runs.get(ref.profileId, ref.runId);
			if (!run) throw apiErrors.runNotFound(ref.runId);
			const index = await findPlanIndex(deps.rosters, ref);
			if (index) return planOf(deps, ref, index);
			if (!run.outcome)
				throw new SyncApiError(
					'Conflict',
					`Run "${ref.runId}" has no plan yet: it is comparing. Ask again in a moment.`,
					{
						headers: { 'Retry-After': '2' },
					},
				);
			throw notKept(ref.runId);
		},
	};
}

const notKept = (runId: string) =>
	new SyncApiError(
		'ResourceNotFound',
		`Run "${runId}" has no plan, or none any more: only that of the latest run that was not refused is kept. List the profile's runs.`,
	);

function planOf(deps: PlanDeps, ref: RunRef, index: PlanIndex): RunPlan {
	const { etag, counts, estimate } = index;
	async function* found(where: readonly TextCondition[], from: ChangePlace = { slice: 0, line: 0 }) {
		const kind = where.find(({ property, operator }) => property === 'kind' && operator === 'eq')?.value;
		try {
			for await (const each of readChanges(deps, ref, { index, from, kind })) if (meets(each.change, where)) yield each;
		} catch (error) {
			// A newer run has ended meanwhile, and its predecessor's files are gone.
			throw error instanceof RunFailure ? notKept(ref.runId) : error;
		}
	}
	return {
		etag,
		counts,
		estimate,
		async page({ size, where, from }) {
			const items: PlannedChange[] = [];
			if (size === 0) return { items };
			for await (const { place, change } of found(where, from)) {
				if (items.length === size) return { items, next: place };
				items.push(change);
			}
			return { items };
		},
		async *changes(where) {
			for await (const { change } of found(where)) yield change;
		},
		async count(where) {
			if (where.length === 0) return total(counts);
			let count = 0;
			for await (const _ of found(where)) count++;
			return count;
		},
	};
}

function total(counts: PlanIndex['counts']): number {
	return Object.values(counts).reduce(
		(sum, { added, changed, removed, held }) => sum + added + changed + removed + held,
		0,
	);
}

/** Text is compared in any case, and what is not there meets nothing. */
function meets(change: PlannedChange, where: readonly TextCondition[]): boolean {
	return where.every(({ property, operator, value }) => {
		const text = change[property as keyof PlannedChange];
		if (typeof text !== 'string') return false;
		const [shown, wanted] = [text.toLowerCase(), value.toLowerCase()];
		return operator === 'eq' ? shown === wanted : shown.startsWith(wanted);
	});
}
