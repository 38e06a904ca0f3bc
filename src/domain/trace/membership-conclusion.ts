import { rosterFileName } from '../roster/format/kinds.ts';
import { membershipRules } from '../sync/sync-kinds.ts';
import { clauseOf, isThere } from './record-conclusion.ts';
import { delayOf, errorsIn, findingText, nameOf, placeOf, titleOf, withoutStop } from './trace-wording.ts';
import type { Trace, TraceContext, TracedMembership, TracedRecord } from './traced-facts.ts';

/** A membership with what it depends on. */
interface Scene {
	membership: TracedMembership;
	context: TraceContext;
	person: TracedRecord | undefined;
	group: TracedRecord | undefined;
}

interface Case {
	applies(scene: Scene): boolean;
	text(scene: Scene): string;
}

const ruleOf = ({ membership }: Scene) => membershipRules[membership.kind];
const fileName = (scene: Scene) => rosterFileName(ruleOf(scene).file);
const member = (scene: Scene) => titleOf(ruleOf(scene).role, scene.membership.person);
const group = (scene: Scene) => nameOf(ruleOf(scene).group, scene.membership.group);

/** Those that may be synced. */
const soundRows = ({ membership }: Scene) => membership.rows.filter(({ verdict }) => verdict !== 'error');
const hasNone = ({ membership }: Scene) => membership.rows.length === 0;
const at = (scene: Scene) => placeOf(ruleOf(scene).file, (soundRows(scene)[0] ?? scene.membership.rows[0])?.line ?? 0);
const skipped = ({ context, ...scene }: Scene) => context.skippedRows[ruleOf({ context, ...scene }).file] ?? 0;

const isNotIn = (scene: Scene) => `${member(scene)} is not in ${group(scene)}`;
const isIn = (scene: Scene) => `${member(scene)} is in ${group(scene)}`;
const refusal = (scene: Scene) => {
	const [finding] = errorsIn(scene.membership.findings);
	return finding && { place: placeOf(finding.kind, finding.line), text: withoutStop(findingText(finding)) };
};

/** No row of the accepted files says so. */
const withoutRow: readonly Case[] = [
	{
		applies: ({ membership }) => membership.hold !== undefined,
		text: (scene) =>
			`${isIn(scene)} in the directory, though ${fileName(scene)} has no row that says so: the removal is held since run "${scene.membership.hold?.runId}". Approve what the run holds, or correct the files`,
	},
	{
		applies: (scene) => scene.membership.isInDirectory && skipped(scene) > 0,
		text: (scene) =>
			`${isIn(scene)} in the directory, though no row that can be read says so: ${skipped(scene)} rows of ${fileName(scene)} were skipped because of errors, and as long as that is so nobody is removed`,
	},
	{
		applies: ({ membership }) => membership.isInDirectory && membership.history === 'notSynced',
		text: (scene) =>
			`${isIn(scene)} in the directory, though ${fileName(scene)} of this profile has no row that says so: somebody else has added it, and a sync leaves it alone`,
	},
	{
		applies: ({ membership }) => membership.isInDirectory,
		text: (scene) =>
			`${isIn(scene)} in the directory, though ${fileName(scene)} has no row that says so any more: ${pending(scene) ?? 'the next sync removes it'}`,
	},
	{
		applies: (scene) => refusal(scene) !== undefined,
		text: (scene) =>
			`${isNotIn(scene)}: ${refusal(scene)?.place} of the files uploaded last says so, but was refused: ${refusal(scene)?.text}`,
	},
	{
		applies: ({ context }) => context.acceptedRunId === undefined,
		text: (scene) => `${isNotIn(scene)}: no files were accepted yet`,
	},
	{ applies: () => true, text: (scene) => `${isNotIn(scene)}: ${fileName(scene)} has no row that says so` },
];

/** Some row says so. */
const withRow: readonly Case[] = [
	{
		applies: (scene) => soundRows(scene).length === 0 && !scene.membership.isInDirectory,
		text: (scene) =>
			`${isNotIn(scene)}: ${at(scene)} says so, but was refused: ${refusal(scene)?.text ?? 'see the report'}`,
	},
	{
		applies: ({ membership }) => membership.isInDirectory && membership.errors.length === 0,
		text: (scene) => `${isIn(scene)}: ${at(scene)} says so, and the directory has it`,
	},
	{
		applies: ({ group: found }) => !isThere(found),
		text: (scene) =>
			`${isNotIn(scene)}: ${at(scene)} says so, but ${group(scene)} itself ${reasonOf(scene.group, scene)}`,
	},
	{
		applies: ({ person }) => !isThere(person),
		text: (scene) =>
			`${isNotIn(scene)}: ${at(scene)} says so, but ${nameOf(ruleOf(scene).role, scene.membership.person)} itself ${reasonOf(scene.person, scene)}`,
	},
	{
		applies: ({ membership }) => membership.errors.length > 0,
		text: (scene) =>
			`${isNotIn(scene)}: ${at(scene)} says so, but it could not be written: ${withoutStop(scene.membership.errors[0]?.errorMessage ?? '')}`,
	},
	{
		applies: ({ membership }) => membership.history === 'there',
		text: (scene) =>
			`${isNotIn(scene)}: ${at(scene)} says so, and a sync wrote it, but the directory has it no more: somebody removed it there. Reset the profile, and it is written anew`,
	},
	{
		applies: (scene) => pending(scene) !== undefined,
		text: (scene) => `${isNotIn(scene)} yet: ${at(scene)} says so, and ${pending(scene)}`,
	},
	{
		applies: ({ membership }) => membership.history === 'unknown',
		text: (scene) =>
			`${isNotIn(scene)}: ${at(scene)} says so, and the sync that was to write it was interrupted. The next one makes certain`,
	},
	{
		applies: () => true,
		text: (scene) => `${isNotIn(scene)} yet: ${at(scene)} says so, and no sync has written it. Start the profile`,
	},
];

const pending = (scene: Scene) => delayOf(scene.context, ruleOf(scene).file);

const reasonOf = (record: TracedRecord | undefined, { context }: Scene) =>
	record ? clauseOf(record, context) : 'is unknown';

/** Why somebody is, or is not, in a section or school, in a sentence or two. */
export function membershipConclusion(membership: TracedMembership, trace: Trace): string {
	const { group: groupKind, role } = membershipRules[membership.kind];
	const groups = groupKind === 'section' ? trace.sections : trace.schools;
	const scene: Scene = {
		membership,
		context: trace.context,
		person: trace.people.find(({ kind, sisId }) => kind === role && sisId === membership.person),
		group: groups.find(({ sisId }) => sisId === membership.group),
	};
	const cases = hasNone(scene) ? withoutRow : withRow;
	return `${(cases.find(({ applies }) => applies(scene)) as Case).text(scene)}.`;
}
