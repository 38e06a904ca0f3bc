import { rosterFileName } from '../../roster/format/kinds.ts';
import type { EntityKind } from '../records/attribute-map.ts';
import { fileOf, isMembership, membershipRules } from '../sync-kinds.ts';
import type { Hold } from './removals.ts';

/** So many places are named. */
const placesShown = 5;

/** What a run holds, and the way on. */
export function heldText(runId: string, holds: readonly Hold[]): string {
	const rekeyed = holds.filter(({ scope }) => scope === 'rekeyed');
	const removals = holds.filter(({ scope }) => scope !== 'rekeyed');
	return [
		'Held:',
		...rekeyedText(rekeyed),
		...removalsText(removals),
		'None of that was carried out; all else is in step.',
		`If it is right, approve it: POST …/runs/${runId}/holds/approve. If not, correct the files and start again.`,
	].join(' ');
}

function removalsText(holds: readonly Hold[]): string[] {
	if (holds.length === 0) return [];
	const total = holds.reduce((sum, { removals }) => sum + removals, 0);
	const much = holds.filter(({ scope }) => scope !== 'unexpected');
	const places = much.slice(0, placesShown).map(shareOf).join(', ');
	const more = much.length > placesShown ? `, and ${much.length - placesShown} more` : '';
	return [
		`${total} memberships would be removed${much.length > 0 ? `, which is suspiciously much in ${places}${more}` : ''}.`,
		...holds.filter(({ scope }) => scope === 'unexpected').map(unexpectedText),
	];
}

function shareOf(hold: Hold): string {
	const share = Math.round((100 * hold.removals) / hold.present);
	return `${placeOf(hold)}: ${hold.removals} of ${hold.present} (${share} %)`;
}

function placeOf({ scope, sisId, kind }: Hold): string {
	const isOfSchools = groupOf(kind) === 'school';
	if (scope === 'file') return `all ${isOfSchools ? 'schools' : 'classes'} (${rosterFileName(fileOf(kind))})`;
	if (scope === 'school' && !isOfSchools) return `the classes of school "${sisId}"`;
	return `${scope} "${sisId}"`;
}

const groupOf = (kind: Hold['kind']) => (isMembership(kind) ? membershipRules[kind].group : undefined);

function unexpectedText({ kind, removals }: Hold): string {
	const role = isMembership(kind) ? membershipRules[kind].role : kind;
	const place = groupOf(kind) === 'section' ? 'class' : 'school';
	return `Of them ${removals} are what the directory was found to have as ${role} of a ${place} though no file says so.`;
}

const nouns: Readonly<Record<EntityKind, readonly [string, string]>> = {
	school: ['school', 'schools'],
	section: ['class', 'classes'],
	student: ['student', 'students'],
	teacher: ['teacher', 'teachers'],
};

/** "2 schools (as "S-1", now "S-001") and 40 students seem to…": people are not named. */
function rekeyedText(holds: readonly Hold[]): string[] {
	if (holds.length === 0) return [];
	const parts = holds.map(({ kind, removals, rekeyed = [] }) => {
		const [one, many] = nouns[kind as EntityKind];
		const [first] = kind === 'student' || kind === 'teacher' ? [] : rekeyed;
		return `${removals} ${removals === 1 ? one : many}${first ? ` (as "${first.from}", now "${first.to}")` : ''}`;
	});
	return [
		`${listOf(parts)} seem to have come under new SIS ids: their usernames, or their names and members, are those of records that are gone.`,
		'Approved, they keep their accounts and memberships.',
	];
}

const listOf = (parts: readonly string[]) =>
	parts.length < 2 ? parts.join('') : `${parts.slice(0, -1).join(', ')} and ${parts.at(-1)}`;
