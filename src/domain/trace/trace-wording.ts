import { shorten } from '../roster/findings/messages.ts';
import { type RosterKind, rosterFileName } from '../roster/format/kinds.ts';
import type { EntityKind } from '../sync/records/attribute-map.ts';
import type { ReportedFinding } from './finding-picker.ts';
import type { TraceContext } from './traced-facts.ts';

/** Parts of the sentences of a trace. */

export const quoted = (text: string) => `"${shorten(text)}"`;

const titles: Readonly<Record<EntityKind, string>> = {
	school: 'School',
	section: 'Section',
	student: 'Student',
	teacher: 'Teacher',
};

/** `Student "1012"`, to begin a sentence. */
export const titleOf = (kind: EntityKind, sisId: string) => `${titles[kind]} ${quoted(sisId)}`;

/** `section "7B"`, inside one. */
export const nameOf = (kind: EntityKind, sisId: string) => `${kind} ${quoted(sisId)}`;

/** `student.csv, line 17`. */
export const placeOf = (file: RosterKind, line: number) => `${rosterFileName(file)}, line ${line}`;

export const errorsIn = (findings: readonly ReportedFinding[]) =>
	findings.filter(({ severity }) => severity === 'Error');

/** `column SIS ID, value "1012", is not in student.csv. Correct the id.` */
export function findingText({ column, value, reason, cure }: ReportedFinding): string {
	const subject =
		column === undefined ? 'it' : `column ${column}${value === undefined ? '' : `, value ${quoted(value)},`}`;
	return `${subject} ${reason}. ${cure}`;
}

/** Why what is sound has not been written, or undefined if nothing stands in its way; a whole clause. */
export function delayOf(context: TraceContext, file: RosterKind): string | undefined {
	const { latestRun, pausedSince, expiredOn } = context;
	const deferred = context.deferred[file];
	if (deferred)
		return deferred.until
			? `the profile lets it wait until ${deferred.until}`
			: 'the profile lets it wait without a date (isSyncDeferred)';
	if (expiredOn) return `the profile expired on ${expiredOn}. Set a later expirationDate`;
	if (pausedSince) return `the profile is paused since ${pausedSince}. Resume it`;
	if (latestRun && !latestRun.outcome) return `a sync is under way (${latestRun.phase})`;
	if (latestRun?.outcome === 'failed')
		return `the last sync failed: ${withoutStop(latestRun.failure ?? 'no reason is known')}`;
	if (latestRun?.outcome === 'terminated') return 'the last sync was ended before it was done. Start again';
	return undefined;
}

export const withoutStop = (sentence: string) => sentence.replace(/\.$/, '');
