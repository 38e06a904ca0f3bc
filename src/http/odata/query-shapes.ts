import { profileQuery } from '../profile/profile-query.ts';
import { profileProperties } from '../profile/properties.ts';
import type { QueryShape } from './query-options.ts';

/** What the query options of each collection may name. */

const profileShape = { ...profileQuery(profileProperties), expandable: ['errors', 'profileStatus'] } as const;

const errorShape = {
	properties: {
		id: 'guid',
		entryType: 'string',
		errorCode: 'string',
		errorMessage: 'string',
		joiningValue: 'string',
		reportableIdentifier: 'string',
		recordedDateTime: 'dateTimeOffset',
	},
	searchable: ['errorMessage', 'reportableIdentifier', 'joiningValue'],
} as const;

const statusProperties = {
	id: 'guid',
	status: 'enum',
	lastSynchronizationDateTime: 'dateTimeOffset',
	lastActivityDateTime: 'dateTimeOffset',
	errorCount: 'int',
	statusMessage: 'string',
} as const;

const runProperties = {
	id: 'guid',
	reason: 'enum',
	actorId: 'string',
	appId: 'string',
	phase: 'enum',
	outcome: 'enum',
	startedDateTime: 'dateTimeOffset',
	finishedDateTime: 'dateTimeOffset',
	directoryWrites: 'int',
	heldRemovals: 'int',
	errorCount: 'int',
} as const;

const auditProperties = {
	id: 'guid',
	recordedDateTime: 'dateTimeOffset',
	action: 'string',
	actorId: 'string',
	appId: 'string',
	runId: 'guid',
} as const;

const runSelectable = [
	'failure',
	'rows',
	'tallies',
	'isDryRun',
	'cannotUndo',
	'progress',
	'phases',
	'recordsPerSecond',
	'percent',
	'secondsLeft',
] as const;

export const queryShapes = {
	profiles: { kind: 'list', ...profileShape },
	profileCount: { kind: 'count', ...profileShape },
	profile: { kind: 'entity', ...profileShape },
	profileStatus: { kind: 'entity', properties: statusProperties },
	errors: { kind: 'list', ...errorShape },
	errorCount: { kind: 'count', ...errorShape },
	error: { kind: 'entity', ...errorShape },
	audit: { kind: 'list', properties: auditProperties },
	runs: { kind: 'list', properties: runProperties, selectable: runSelectable },
	run: { kind: 'entity', properties: runProperties, selectable: runSelectable },
	plan: {
		kind: 'pages',
		properties: { kind: 'string', operation: 'string', school: 'string', class: 'string' },
		filter: 'textConditions',
		selectable: ['person', 'directoryId', 'isHeld'],
		reasons: { $orderby: 'a plan is in the order in which it is carried out' },
		offersCsv: true,
	},
} as const satisfies Record<string, QueryShape>;
