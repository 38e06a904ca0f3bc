import type { HttpResponseInit } from '@azure/functions';
import { SyncApiError } from '../domain/errors.ts';
import type { Profile } from '../domain/profile.ts';
import { collectionBody, countBody, entityBody, nextLinkOf, profileUrl } from '../http/answers/odata-bodies.ts';
import { queryOf } from '../http/odata/list-query.ts';
import { answerList, countMatches, type ListSource } from '../http/odata/lists/list-answer.ts';
import { project } from '../http/odata/projection.ts';
import { maxPageSize } from '../http/odata/query-options.ts';
import { queryShapes } from '../http/odata/query-shapes.ts';
import { operations } from '../http/operations.ts';
import {
	applyProfilePatch,
	readProfile,
	readProfileId,
	readReplacement,
	unnamedProfile,
} from '../http/profile/profile-body.ts';
import { profileResource, profileStatusResource } from '../http/profile/profile-resource.ts';
import { viewOf } from '../http/profile/view.ts';
import { type ApiRequest, profileRef } from '../http/requests/api-request.ts';
import { isGuid } from '../http/requests/guid.ts';
import type { JsonObject } from '../http/requests/request-body.ts';
import type { Page, PageRequest, ProfileRef } from '../ports.ts';
import { servicesFor } from '../wiring.ts';
import { registerOperation } from './registration/register-operation.ts';

const type = 'education/synchronizationProfiles';

const view = (request: ApiRequest) => viewOf(request.headers, new Date());

const resource = (request: ApiRequest, profile: Profile) => profileResource(profile, view(request));

function profileBody(request: ApiRequest, shown: JsonObject): Record<string, unknown> {
	return entityBody(request, `${type}/$entity`, shown);
}

function profileSource(request: ApiRequest): ListSource<Profile> {
	const { profiles } = servicesFor(request);
	return {
		page: (page) => profiles.list(request.caller.tenantId, page),
		keyOf: ({ id }) => id,
		isKey: isGuid,
		find: (profileId) => foundOrNone(profiles.get({ tenantId: request.caller.tenantId, profileId })),
		toJson: (profile) => resource(request, profile),
		expanded: (profile, names) => expanded(request, profile, names),
	};
}

async function foundOrNone<T>(wanted: Promise<T>): Promise<T | undefined> {
	try {
		return await wanted;
	} catch (error) {
		if (error instanceof SyncApiError && error.code === 'ResourceNotFound') return undefined;
		throw error;
	}
}

/** An expanded profile shows this many of its errors, and a link to the rest. */
const expandedErrors = 100;

/** What the client wants to see beside the profile. */
async function expanded(request: ApiRequest, profile: Profile, names: ReadonlySet<string>): Promise<JsonObject> {
	const status = names.has('profileStatus') ? { profileStatus: profileStatusResource(profile, view(request)) } : {};
	return names.has('errors') ? { ...status, ...(await errorsOf(request, profile)) } : status;
}

async function errorsOf(request: ApiRequest, { tenantId, id: profileId }: Profile): Promise<JsonObject> {
	const own = await servicesFor(request).errors.of({ tenantId, profileId });
	const [{ items: errors, continuation }, count] = await Promise.all([own.page({ size: expandedErrors }), own.count()]);
	const url = profileUrl(request, profileId, '/errors');
	const rest = continuation ? { 'errors@odata.nextLink': nextLinkOf(request, url, continuation) } : {};
	return { 'errors@odata.count': count, errors, ...rest };
}

export const listProfiles = registerOperation(operations.listProfiles, async (request) => {
	const query = queryOf(request, queryShapes.profiles);
	return { jsonBody: collectionBody(request, type, await answerList(query, profileSource(request))) };
});

export const countProfiles = registerOperation(operations.countProfiles, async (request) => {
	const query = queryOf(request, queryShapes.profileCount);
	return countBody(await countMatches(query, profileSource(request)));
});

export const createProfile = registerOperation(operations.createProfile, async (request) => {
	const input = readProfile(await request.readBody());
	const profile = await servicesFor(request).profiles.create(request.caller.tenantId, input);
	const location = profileUrl(request, profile.id).href;
	return { status: 202, headers: { location }, jsonBody: profileBody(request, resource(request, profile)) };
});

export const getProfile = registerOperation(operations.getProfile, async (request) => {
	const query = queryOf(request, queryShapes.profile);
	const profile = await servicesFor(request).profiles.get(profileRef(request));
	const whole = { ...resource(request, profile), ...(await expanded(request, profile, query.expand)) };
	return { jsonBody: profileBody(request, project(whole, query)) };
});

export const replaceProfile = registerOperation(operations.replaceProfile, async (request) =>
	replace(request, profileRef(request), await request.readBody()),
);

export const replaceProfileInCollection = registerOperation(operations.replaceProfileInCollection, async (request) => {
	const body = await request.readBody();
	const profileId = readProfileId(body) ?? (await idByName(request, readProfile(body).definition.displayName));
	return replace(request, { tenantId: request.caller.tenantId, profileId }, body);
});

/** Microsoft's own pages print a PUT without any id; the name says which profile is meant if no other has it. */
async function idByName(request: ApiRequest, displayName: string): Promise<string> {
	const { profiles } = servicesFor(request);
	const ids: string[] = [];
	for (let page: PageRequest | undefined = { size: maxPageSize }; page; ) {
		const { items, continuation }: Page<Profile> = await profiles.list(request.caller.tenantId, page);
		for (const { id, state, displayName: name } of items)
			if (name === displayName && state !== 'deleting') ids.push(id);
		page = continuation === undefined ? undefined : { size: maxPageSize, continuation };
	}
	const [id, ...others] = ids;
	const name = JSON.stringify(displayName);
	if (id === undefined) throw unnamedProfile(`the body has no "id", and no profile has the displayName ${name}`);
	if (others.length === 0) return id;
	throw unnamedProfile(`the body has no "id", and ${ids.length} profiles have the displayName ${name}`);
}

async function replace(request: ApiRequest, ref: ProfileRef, body: JsonObject): Promise<HttpResponseInit> {
	// A body that is wrong is refused before anything is looked for.
	readProfile(body);
	const { profiles } = servicesFor(request);
	const profile = await profiles.update(ref, (current) => readReplacement(current, body));
	return { status: 202, jsonBody: profileBody(request, resource(request, profile)) };
}

export const updateProfile = registerOperation(operations.updateProfile, async (request) => {
	const patch = await request.readBody();
	const { profiles } = servicesFor(request);
	const profile = await profiles.update(profileRef(request), (current) => applyProfilePatch(current, patch));
	return { status: 202, jsonBody: profileBody(request, resource(request, profile)) };
});

export const deleteProfile = registerOperation(operations.deleteProfile, async (request) => {
	await servicesFor(request).profiles.delete(profileRef(request));
	return { status: 202 };
});

export const getProfileStatus = registerOperation(operations.getProfileStatus, async (request) => {
	const query = queryOf(request, queryShapes.profileStatus);
	const ref = profileRef(request);
	const profile = await servicesFor(request).profiles.get(ref);
	const status = project(profileStatusResource(profile, view(request)), query);
	return { jsonBody: entityBody(request, `${type}/${ref.profileId}/profileStatus/$entity`, status) };
});
