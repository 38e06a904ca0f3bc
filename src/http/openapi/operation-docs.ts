import type { operations } from '../operations.ts';
import type { OperationDoc, PlainBody } from './operation-doc.ts';
import type { ResponseName } from './resource-schemas.ts';

const shows = (body: ResponseName | PlainBody) => ({ status: 200, body }) as const;
const done = { status: 200 } as const;
const changesProfile = {
	tag: 'profiles',
	success: { status: 202, body: 'profile' },
	takesProfile: true,
	refusals: [400, 404, 409],
} as const;

export const operationDocs = {
	listProfiles: {
		summary: 'List the synchronization profiles of the tenant',
		tag: 'profiles',
		success: shows('profileCollection'),
		query: 'list',
		refusals: [400],
	},
	countProfiles: {
		summary: 'Count them',
		tag: 'profiles',
		success: shows('count'),
		query: 'count',
		refusals: [400],
	},
	createProfile: {
		summary: 'Create a profile; it is provisioned in the background',
		tag: 'profiles',
		success: { status: 202, body: 'profile' },
		takesProfile: true,
		refusals: [400, 409],
	},
	getProfile: {
		summary: 'Get a profile',
		tag: 'profiles',
		success: shows('profile'),
		query: 'entity',
		refusals: [400, 404],
	},
	replaceProfile: {
		summary: 'Replace a profile',
		...changesProfile,
	},
	replaceProfileInCollection: {
		summary: 'Replace the profile whose id, or else whose displayName, is in the body',
		...changesProfile,
	},
	updateProfile: {
		summary: 'Change some properties of a profile',
		...changesProfile,
	},
	deleteProfile: {
		summary: 'Delete a profile in the background; the directory is left as it is',
		tag: 'profiles',
		success: { status: 202 },
		refusals: [404],
	},
	getUploadUrl: {
		summary: 'Get a URL that takes the CSV files for one hour',
		tag: 'sync',
		success: shows('uploadUrl'),
		refusals: [400, 404, 409],
	},
	startProfile: {
		summary: 'Verify the uploaded files and start a sync with them, or plan one that writes nothing',
		tag: 'sync',
		success: shows('startResult'),
		flags: ['dryRun'],
		refusals: [400, 404, 409],
	},
	pauseProfile: { summary: 'Pause the sync', tag: 'sync', success: done, refusals: [404, 409] },
	resumeProfile: {
		summary: 'Go on with a paused sync, or ignore verification errors',
		tag: 'sync',
		success: done,
		refusals: [400, 404, 409],
	},
	resetProfile: {
		summary: 'Forget errors and delta history and sync the last accepted files anew',
		tag: 'sync',
		success: done,
		refusals: [404, 409],
	},
	getProfileStatus: {
		summary: 'Get the status of the sync',
		tag: 'sync',
		success: shows('profileStatus'),
		query: 'entity',
		lacks: ['$expand'],
		refusals: [400, 404],
	},
	listErrors: {
		summary: 'List the errors of the last run',
		tag: 'errors',
		success: shows('synchronizationErrorCollection'),
		query: 'list',
		lacks: ['$expand'],
		refusals: [400, 404],
	},
	countErrors: {
		summary: 'Count them',
		tag: 'errors',
		success: shows('count'),
		query: 'count',
		refusals: [400, 404],
	},
	getError: {
		summary: 'Get one error',
		tag: 'errors',
		success: shows('synchronizationError'),
		query: 'entity',
		lacks: ['$expand'],
		refusals: [400, 404],
	},
	listAudit: {
		summary: 'List who did what to a profile, newest first',
		tag: 'profiles',
		success: shows('auditEntryCollection'),
		query: 'list',
		lacks: ['$expand', '$search'],
		refusals: [400, 404],
	},
	listRuns: {
		summary: 'List the runs of a profile, newest first',
		tag: 'runs',
		success: shows('runCollection'),
		query: 'list',
		lacks: ['$expand', '$search'],
		refusals: [400, 404],
	},
	getRun: {
		summary: 'Get one run',
		tag: 'runs',
		success: shows('run'),
		query: 'entity',
		lacks: ['$expand'],
		refusals: [400, 404],
	},
	getRunReport: {
		summary: 'Get what the latest verification found, row by row with cures, as CSV',
		tag: 'runs',
		success: shows('report'),
		refusals: [404],
	},
	getRunReportFile: {
		summary:
			'Get the faulty rows of one file with the findings as extra columns; corrected, they are uploaded in its place',
		tag: 'runs',
		success: shows('faultyRows'),
		refusals: [404],
	},
	getRunPlan: {
		summary: 'List what a run is about to do, or did, change by change; counts and an estimate stand beside it',
		tag: 'runs',
		success: shows('runPlan'),
		offersCsv: true,
		query: 'pages',
		lacks: ['$expand'],
		refusals: [400, 404, 409],
	},
	listHolds: {
		summary: 'List what a run left out: suspiciously many removals, and what seems to be the same under new SIS ids',
		tag: 'runs',
		success: shows('holdCollection'),
		refusals: [404],
	},
	approveHolds: {
		summary:
			'Carry out what a run left out; If-Match names the ETag of the list, so that it is just what was looked at',
		tag: 'runs',
		success: done,
		takesIfMatch: true,
		refusals: [400, 404, 409, 412],
	},
	discardHolds: {
		summary: 'Leave the directory as it is until the files change; the next sync of the same files holds it again',
		tag: 'runs',
		success: done,
		takesIfMatch: true,
		refusals: [400, 404, 409, 412],
	},
	getTrace: {
		summary: 'Follow a person, a class, or both from the files into the directory, and say why they are there or not',
		tag: 'runs',
		success: shows('trace'),
		named: {
			user: 'SIS id or username of a student or teacher.',
			class: 'SIS id of a section. At least one of the two is needed.',
		},
		refusals: [400, 404],
	},
	approveHold: {
		summary: 'Carry out one of the holds of a run; the others stay held',
		tag: 'runs',
		success: done,
		takesIfMatch: true,
		refusals: [400, 404, 409, 412],
	},
	discardHold: {
		summary: 'Leave what one hold is about as it is until the files change',
		tag: 'runs',
		success: done,
		takesIfMatch: true,
		refusals: [400, 404, 409, 412],
	},
	undoRun: {
		summary: 'Plan to undo the latest run; with the ETag of that plan as If-Match, carry it out',
		tag: 'runs',
		success: shows('undoResult'),
		mayMatch: true,
		refusals: [404, 409, 412],
	},
	listSchools: { ...directoryList('List the schools of the embedded directory'), lacks: ['$expand'] },
	countSchools: directoryCount(),
	getSchool: { ...directoryObject('Get one school'), lacks: ['$expand'] },
	listSchoolClasses: directoryList('List the classes of a school'),
	countSchoolClasses: directoryCount(),
	listSchoolUsers: directoryList('List the students and teachers of a school'),
	countSchoolUsers: directoryCount(),
	listClasses: directoryList('List the classes of the embedded directory'),
	countClasses: directoryCount(),
	getClass: directoryObject('Get one class'),
	listClassSchools: { ...directoryList('List the schools of a class: the one that it belongs to'), lacks: ['$expand'] },
	countClassSchools: directoryCount(),
	listClassMembers: directoryList('List the students and teachers of a class'),
	countClassMembers: directoryCount(),
	listClassTeachers: directoryList('List the teachers of a class'),
	countClassTeachers: directoryCount(),
	listUsers: directoryList('List the students and teachers of the embedded directory'),
	countUsers: directoryCount(),
	getUser: directoryObject('Get one student or teacher'),
	listUserSchools: { ...directoryList('List the schools of a student or teacher'), lacks: ['$expand'] },
	countUserSchools: directoryCount(),
	listUserClasses: directoryList('List the classes that a student or teacher is a member of'),
	countUserClasses: directoryCount(),
	listUserTaughtClasses: directoryList('List the classes that a teacher teaches'),
	countUserTaughtClasses: directoryCount(),
	batch: {
		summary: 'Send up to 20 requests at once; each is answered as if it had been sent by itself',
		tag: 'profiles',
		success: shows('batchResponse'),
		takesBatch: true,
		refusals: [400],
	},
} as const satisfies Record<keyof typeof operations, OperationDoc>;

function directoryCount() {
	return {
		summary: 'Count them',
		tag: 'directory',
		success: shows('count'),
		query: 'count',
		lacks: ['$search'],
		refusals: [400, 404],
	} as const;
}

function directoryList(summary: string) {
	return {
		summary,
		tag: 'directory',
		success: shows('directoryCollection'),
		query: 'pages',
		refusals: [400, 404],
	} as const;
}

function directoryObject(summary: string) {
	return {
		summary,
		tag: 'directory',
		success: shows('directoryObject'),
		query: 'entity',
		refusals: [400, 404],
	} as const;
}
