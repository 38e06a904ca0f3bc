import { rosterFileName } from '../roster/format/kinds.ts';
import type { Hold } from './removals.ts';
import { fileOf, membershipRules } from './sync-kinds.ts';

/** So many places are named. */
const placesShown = 5;

/** What a run holds, and the way on. */
export function heldText(runId: string, holds: readonly Hold[]): string {
	const total = holds.reduce((sum, { removals }) => sum + removals, 0);
	const much = holds.filter(({ scope }) => scope !== 'unexpected');
	const places = much.slice(0, placesShown).map(shareOf).join(', ');
	const more = much.length > placesShown ? `, and ${much.length - placesShown} more` : '';
	return [
		`Held: ${total} memberships would be removed${much.length > 0 ? `, which is suspiciously much in ${places}${more}` : ''}.`,
		...holds.filter(({ scope }) => scope === 'unexpected').map(unexpectedText),
		'None of them was removed; all else is in step.',
		`If they are to go, approve them: POST …/runs/${runId}/holds/approve. If not, correct the files and start again.`,
	].join(' ');
}

function shareOf(hold: Hold): string {
	const share = Math.round((100 * hold.removals) / hold.present);
	return `${placeOf(hold)}: ${hold.removals} of ${hold.present} (${share} %)`;
}

function placeOf({ scope, sisId, kind }: Hold): string {
	const isOfSchools = membershipRules[kind].group === 'school';
	if (scope === 'file') return `all ${isOfSchools ? 'schools' : 'classes'} (${rosterFileName(fileOf(kind))})`;
	if (scope === 'school' && !isOfSchools) return `the classes of school "${sisId}"`;
	return `${scope} "${sisId}"`;
}

function unexpectedText({ kind, removals }: Hold): string {
	const { group, role } = membershipRules[kind];
	const place = group === 'section' ? 'class' : 'school';
	return `Of them ${removals} are what the directory was found to have as ${role} of a ${place} though no file says so.`;
}
