import type { Permission } from './requests/access.ts';

/**
 * Every operation of the API: registration, and all that is said about it elsewhere, walks this table. The name is Graph's, and
 * also that of the Azure function.
 */
export interface Operation {
	name: string;
	method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
	/** Below the service root, which has no prefix of its own; `addressing.ts` knows the other spellings. */
	route: string;
	permission: Permission;
}

/** The one parameter of a route that is no GUID: it names a file. */
export const fileParam = 'file';

const profiles = 'beta/education/synchronizationProfiles';
const profile = `${profiles}/{profileId}`;
const education = 'beta/education';

function operation(name: string, method: Operation['method'], route: string, permission: Permission): Operation {
	return { name, method, route, permission };
}

export const operations = {
	listProfiles: operation('listProfiles', 'GET', profiles, 'read'),
	countProfiles: operation('countProfiles', 'GET', `${profiles}/$count`, 'read'),
	createProfile: operation('createProfile', 'POST', profiles, 'write'),
	getProfile: operation('getProfile', 'GET', profile, 'read'),
	replaceProfile: operation('replaceProfile', 'PUT', profile, 'write'),
	// Where Microsoft's reference pages print it; the body has the id, or a name that no other profile has.
	replaceProfileInCollection: operation('replaceProfileInCollection', 'PUT', profiles, 'write'),
	updateProfile: operation('updateProfile', 'PATCH', profile, 'write'),
	deleteProfile: operation('deleteProfile', 'DELETE', profile, 'write'),
	getUploadUrl: operation('getUploadUrl', 'GET', `${profile}/uploadUrl`, 'write'),
	pauseProfile: operation('pauseProfile', 'POST', `${profile}/pause`, 'write'),
	resumeProfile: operation('resumeProfile', 'POST', `${profile}/resume`, 'write'),
	resetProfile: operation('resetProfile', 'POST', `${profile}/reset`, 'write'),
	startProfile: operation('startProfile', 'POST', `${profile}/start`, 'write'),
	getProfileStatus: operation('getProfileStatus', 'GET', `${profile}/profileStatus`, 'read'),
	listErrors: operation('listErrors', 'GET', `${profile}/errors`, 'read'),
	countErrors: operation('countErrors', 'GET', `${profile}/errors/$count`, 'read'),
	getError: operation('getError', 'GET', `${profile}/errors/{errorId}`, 'read'),
	listAudit: operation('listAudit', 'GET', `${profile}/audit`, 'read'),
	listRuns: operation('listRuns', 'GET', `${profile}/runs`, 'read'),
	getRun: operation('getRun', 'GET', `${profile}/runs/{runId}`, 'read'),
	getRunReport: operation('getRunReport', 'GET', `${profile}/runs/{runId}/report`, 'read'),
	// The rows hold passwords: who may read them is who may upload them.
	getRunReportFile: operation('getRunReportFile', 'GET', `${profile}/runs/{runId}/report/{file}`, 'write'),
	getRunPlan: operation('getRunPlan', 'GET', `${profile}/runs/{runId}/plan`, 'read'),
	listHolds: operation('listHolds', 'GET', `${profile}/runs/{runId}/holds`, 'read'),
	approveHolds: operation('approveHolds', 'POST', `${profile}/runs/{runId}/holds/approve`, 'write'),
	discardHolds: operation('discardHolds', 'POST', `${profile}/runs/{runId}/holds/discard`, 'write'),
	approveHold: operation('approveHold', 'POST', `${profile}/runs/{runId}/holds/{holdId}/approve`, 'write'),
	discardHold: operation('discardHold', 'POST', `${profile}/runs/{runId}/holds/{holdId}/discard`, 'write'),
	undoRun: operation('undoRun', 'POST', `${profile}/runs/{runId}/undo`, 'write'),
	// What is shown of a person are the directory's reads and the report, in one answer, and no password or birth date: whoever may read
	// those may read this.
	getTrace: operation('getTrace', 'GET', `${profile}/trace`, 'read'),
	listSchools: operation('listSchools', 'GET', `${education}/schools`, 'read'),
	countSchools: operation('countSchools', 'GET', `${education}/schools/$count`, 'read'),
	getSchool: operation('getSchool', 'GET', `${education}/schools/{id}`, 'read'),
	listSchoolClasses: operation('listSchoolClasses', 'GET', `${education}/schools/{id}/classes`, 'read'),
	countSchoolClasses: operation('countSchoolClasses', 'GET', `${education}/schools/{id}/classes/$count`, 'read'),
	listSchoolUsers: operation('listSchoolUsers', 'GET', `${education}/schools/{id}/users`, 'read'),
	countSchoolUsers: operation('countSchoolUsers', 'GET', `${education}/schools/{id}/users/$count`, 'read'),
	listClasses: operation('listClasses', 'GET', `${education}/classes`, 'read'),
	countClasses: operation('countClasses', 'GET', `${education}/classes/$count`, 'read'),
	getClass: operation('getClass', 'GET', `${education}/classes/{id}`, 'read'),
	listClassSchools: operation('listClassSchools', 'GET', `${education}/classes/{id}/schools`, 'read'),
	countClassSchools: operation('countClassSchools', 'GET', `${education}/classes/{id}/schools/$count`, 'read'),
	listClassMembers: operation('listClassMembers', 'GET', `${education}/classes/{id}/members`, 'read'),
	countClassMembers: operation('countClassMembers', 'GET', `${education}/classes/{id}/members/$count`, 'read'),
	listClassTeachers: operation('listClassTeachers', 'GET', `${education}/classes/{id}/teachers`, 'read'),
	countClassTeachers: operation('countClassTeachers', 'GET', `${education}/classes/{id}/teachers/$count`, 'read'),
	listUsers: operation('listUsers', 'GET', `${education}/users`, 'read'),
	countUsers: operation('countUsers', 'GET', `${education}/users/$count`, 'read'),
	getUser: operation('getUser', 'GET', `${education}/users/{id}`, 'read'),
	listUserSchools: operation('listUserSchools', 'GET', `${education}/users/{id}/schools`, 'read'),
	countUserSchools: operation('countUserSchools', 'GET', `${education}/users/{id}/schools/$count`, 'read'),
	listUserClasses: operation('listUserClasses', 'GET', `${education}/users/{id}/classes`, 'read'),
	countUserClasses: operation('countUserClasses', 'GET', `${education}/users/{id}/classes/$count`, 'read'),
	listUserTaughtClasses: operation('listUserTaughtClasses', 'GET', `${education}/users/{id}/taughtClasses`, 'read'),
	countUserTaughtClasses: operation(
		'countUserTaughtClasses',
		'GET',
		`${education}/users/{id}/taughtClasses/$count`,
		'read',
	),
	// What its requests do, each needs the permission for.
	batch: operation('batch', 'POST', 'beta/$batch', 'read'),
} as const satisfies Record<string, Operation>;
