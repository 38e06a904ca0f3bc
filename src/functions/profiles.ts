import type { ApiHandler, ApiRequest } from '../http/endpoint.ts';
import { operations } from '../http/operations.ts';
import { collectionBody, pageRequestOf } from '../http/paging.ts';
import { applyProfilePatch, readProfile } from '../http/profile-body.ts';
import { profileResource, profileStatusResource, viewOf } from '../http/profile-resource.ts';
import type { ProfileRef } from '../ports.ts';
import { servicesFor } from '../wiring.ts';
import { registerOperation } from './register-operation.ts';

const collection = 'education/synchronizationProfiles';

/** The profile that the path names, in the tenant that the token names. */
export function profileRef({ caller, params }: ApiRequest): ProfileRef {
	return { tenantId: caller.tenantId, profileId: params.profileId as string };
}

const view = (request: ApiRequest) => viewOf(request.headers, new Date());

function entity(request: ApiRequest, type: string, resource: object): object {
	return { '@odata.context': `${request.url.origin}/beta/$metadata#${type}`, ...resource };
}

export const listProfiles: ApiHandler = async (request) => {
	const page = await servicesFor(request.context).profiles.list(
		request.caller.tenantId,
		pageRequestOf(request.url.searchParams),
	);
	const toJson = (profile: (typeof page.items)[number]) => profileResource(profile, view(request));
	return { jsonBody: collectionBody(page, { url: request.url, context: collection, toJson }) };
};

export const createProfile: ApiHandler = async (request) => {
	const definition = readProfile(await request.readBody());
	const profile = await servicesFor(request.context).profiles.create(request.caller.tenantId, definition);
	return {
		status: 202,
		headers: { location: `${request.url.origin}/beta/${collection}/${profile.id}` },
		jsonBody: entity(request, `${collection}/$entity`, profileResource(profile, view(request))),
	};
};

export const getProfile: ApiHandler = async (request) => {
	const profile = await servicesFor(request.context).profiles.get(profileRef(request));
	return { jsonBody: entity(request, `${collection}/$entity`, profileResource(profile, view(request))) };
};

export const replaceProfile: ApiHandler = async (request) => {
	const definition = readProfile(await request.readBody());
	const profile = await servicesFor(request.context).profiles.update(profileRef(request), () => definition);
	return { status: 202, jsonBody: entity(request, `${collection}/$entity`, profileResource(profile, view(request))) };
};

export const updateProfile: ApiHandler = async (request) => {
	const patch = await request.readBody();
	const edit = (current: Parameters<typeof applyProfilePatch>[0]) => applyProfilePatch(current, patch);
	const profile = await servicesFor(request.context).profiles.update(profileRef(request), edit);
	return { status: 202, jsonBody: entity(request, `${collection}/$entity`, profileResource(profile, view(request))) };
};

export const deleteProfile: ApiHandler = async (request) => {
	await servicesFor(request.context).profiles.delete(profileRef(request));
	return { status: 202 };
};

export const getUploadUrl: ApiHandler = async (request) => {
	const url = await servicesFor(request.context).uploads.getUploadUrl(profileRef(request));
	return { jsonBody: entity(request, 'String', { value: url }) };
};

export const getProfileStatus: ApiHandler = async (request) => {
	const ref = profileRef(request);
	const profile = await servicesFor(request.context).profiles.get(ref);
	const context = `${collection}/${ref.profileId}/profileStatus/$entity`;
	return { jsonBody: entity(request, context, profileStatusResource(profile, view(request))) };
};

registerOperation(operations.listProfiles, listProfiles);
registerOperation(operations.createProfile, createProfile);
registerOperation(operations.getProfile, getProfile);
registerOperation(operations.replaceProfile, replaceProfile);
registerOperation(operations.updateProfile, updateProfile);
registerOperation(operations.deleteProfile, deleteProfile);
registerOperation(operations.getUploadUrl, getUploadUrl);
registerOperation(operations.getProfileStatus, getProfileStatus);
