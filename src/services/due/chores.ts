import { nextLook } from '../../domain/schedule/due-work.ts';
import type { Clock, DueWorkStore, ProfileStore } from '../../ports.ts';
import { everyProfile } from '../profiles/every-profile.ts';
import { noteLook } from './planned-profiles.ts';

/** What is done for all profiles together, again and again. */
export interface Chore {
	nextAfter(time: Date): Date;
	work(): Promise<void>;
}

/** The owner of what no tenant has. */
export const deployment = 'deployment';

const minuteMs = 60_000;
const hourMs = 60 * minuteMs;
const dayMs = 24 * hourMs;

const nextOf = (everyMs: number, offsetMs: number) => (time: Date) =>
	new Date((Math.floor((time.getTime() - offsetMs) / everyMs) + 1) * everyMs + offsetMs);

/** Not on the hour, when everybody else's timers come. */
export const hourlyAt = (minute: number) => nextOf(hourMs, minute * minuteMs);
/** UTC. */
export const dailyAt = (hour: number, minute: number) => nextOf(dayMs, hour * hourMs + minute * minuteMs);

interface ChoreDeps {
	due: DueWorkStore;
	clock: Clock;
	chores: Readonly<Record<string, Chore>>;
}

/** A chore that nothing is kept of is new, or was lost. */
export async function planChores({ due, clock, chores }: ChoreDeps): Promise<void> {
	const known = await due.subjects(deployment);
	for (const [subject, { nextAfter }] of Object.entries(chores))
		if (!known.has(subject)) await due.put({ owner: deployment, subject, at: nextAfter(clock.now()) });
}

/** Puts in what is missing: of profiles that an earlier version wrote, and of what storage lost. */
export async function planEveryProfile(
	{ profiles, due }: { profiles: ProfileStore; due: DueWorkStore },
	tenantIds: readonly string[],
): Promise<void> {
	for await (const some of everyProfile(profiles, tenantIds)) {
		for (const profile of some) {
			const at = nextLook(profile);
			if (at) await noteLook(due, profile, at);
		}
	}
}
