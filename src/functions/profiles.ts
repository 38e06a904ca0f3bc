import type { HttpResponseInit } from '@azure/functions';
import type { Profile } from '../domain/profile.ts';
import { profileRef } from '../http/addressing.ts';
import type { ApiRequest } from '../http/endpoint.ts';
import { collectionBody, entityBody } from '../http/odata-bodies.ts';
import { operations } from '../http/operations.ts';
import { pageRequestOf } from '../http/paging.ts';
import { applyProfilePatch, readProfile, readProfileId } from '../http/profile-body.ts';
import { profileResource, profileStatusResource, viewOf } from '../http/profile-resource.ts';
import type { JsonObject } from '../http/request-body.ts';
import type { ProfileRef } from '../ports.ts';
import { servicesFor } from '../wiring.ts';
import { registerOperation } from './register-operation.ts';

const type = 'education/synchronizationProfiles';

const view = (request: ApiRequest) => viewOf(request.headers, new Date());

function profileBody(request: ApiRequest, profile: Profile): Record<string, unknown> {
	return entityBody(request, `${type}/$entity`, profileResource(profile, view(request)));
}

export const listProfiles = registerOperation(operations.listProfiles, async (request) => {
	const { profiles } = servicesFor(request.context);
	const page = await profiles.list(request.caller.tenantId, pageRequestOf(request.url.searchParams));
	const toJson = (profile: Profile) => profileResource(profile, view(request));
	return { jsonBody: collectionBody(request, { type, page, toJson }) };
});

export const createProfile = registerOperation(operations.createProfile, async (request) => {
	const definition = readProfile(await request.readBody());
	const profile = await servicesFor(request.context).profiles.create(request.caller.tenantId, definition);
	const location = `${request.url.origin}/beta/${type}/${profile.id}`;
	return { status: 202, headers: { location }, jsonBody: profileBody(request, profile) };
});

export const getProfile = registerOperation(operations.getProfile, async (request) => {
	const profile = await servicesFor(request.context).profiles.get(profileRef(request));
	return { jsonBody: profileBody(request, profile) };
});

export const replaceProfile = registerOperation(operations.replaceProfile, async (request) =>
	replace(request, profileRef(request), await request.readBody()),
);

export const replaceProfileInCollection = registerOperation(operations.replaceProfileInCollection, async (request) => {
	const body = await request.readBody();
	return replace(request, { tenantId: request.caller.tenantId, profileId: readProfileId(body) }, body);
});

async function replace(request: ApiRequest, ref: ProfileRef, body: JsonObject): Promise<HttpResponseInit> {
	const definition = readProfile(body);
	const profile = await servicesFor(request.context).profiles.update(ref, () => definition);
	return { status: 202, jsonBody: profileBody(request, profile) };
}

export const updateProfile = registerOperation(operations.updateProfile, async (request) => {
	const patch = await request.readBody();
	const { profiles } = servicesFor(request.context);
	const profile = await profiles.update(profileRef(request), (current) => applyProfilePatch(current, patch));
	return { status: 202, jsonBody: profileBody(request, profile) };
});

export const deleteProfile = registerOperation(operations.deleteProfile, async (request) => {
	await servicesFor(request.context).profiles.delete(profileRef(request));
	return { status: 202 };
});

export const getUploadUrl = registerOperation(operations.getUploadUrl, async (request) => {
	const value = await servicesFor(request.context).uploads.getUploadUrl(profileRef(request));
	return { jsonBody: entityBody(request, 'String', { value }) };
});

export const getProfileStatus = registerOperation(operations.getProfileStatus, async (request) => {
	const ref = profileRef(request);
	const profile = await servicesFor(request.context).profiles.get(ref);
	const status = profileStatusResource(profile, view(request));
	return { jsonBody: entityBody(request, `${type}/${ref.profileId}/profileStatus/$entity`, status) };
});
