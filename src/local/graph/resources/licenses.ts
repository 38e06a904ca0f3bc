import type { AssignedLicense, SubscribedSku } from '@microsoft/microsoft-graph-types';
import { graphErrors } from '../graph-errors.ts';
import type { GraphAnswer } from '../graph-request.ts';
import { type DirectoryObject, valueAt } from '../model/directory-object.ts';
import { viewOf } from '../odata/view.ts';
import { contextUrl } from './object-reads.ts';
import { assignLicenses, readSkus } from './permissions.ts';
import { bodyOf, objectOf, type ResourceContext, type Route, typeOf } from './resource-context.ts';

export const licenseRoutes: readonly Route[] = [
	{ method: 'GET', path: '/subscribedSkus', needs: [readSkus], readUnits: 3, handle: listSkus },
	{ method: 'POST', path: '/users/{id}/assignLicense', needs: [assignLicenses], handle: assignLicense },
];

function listSkus({ settings, directory, baseUrl, request }: ResourceContext): GraphAnswer {
	const value = settings.skus.map(
		({ skuId, skuPartNumber, enabled }): SubscribedSku => ({
			id: `${request.caller.tenantId}_${skuId}`,
			skuId,
			skuPartNumber,
			appliesTo: 'User',
			capabilityStatus: 'Enabled',
			consumedUnits: directory.seatsTaken(skuId),
			prepaidUnits: { enabled, suspended: 0, warning: 0, lockedOut: 0 },
			servicePlans: [],
		}),
	);
	return { status: 200, headers: {}, body: { '@odata.context': `${baseUrl}/$metadata#subscribedSkus`, value } };
}

function assignLicense(context: ResourceContext): GraphAnswer {
	const user = objectOf(context, 'user');
	const { addLicenses, removeLicenses } = bodyOf(context);
	if (!Array.isArray(addLicenses) || !Array.isArray(removeLicenses)) {
		throw graphErrors.badRequest('Both addLicenses and removeLicenses must be given, and be lists.');
	}
	if (!addLicenses.every((license) => typeof license?.skuId === 'string')) {
		throw graphErrors.badRequest('Each of addLicenses must have a skuId.');
	}
	const present = (valueAt(user, 'assignedLicenses') ?? []) as AssignedLicense[];
	checkRemoved(removeLicenses, present);
	for (const { skuId } of addLicenses as AssignedLicense[]) checkAdded(context, user, String(skuId));
	const added = (addLicenses as AssignedLicense[]).map(({ skuId, disabledPlans = [] }) => ({ skuId, disabledPlans }));
	const isKept = ({ skuId }: AssignedLicense) =>
		!removeLicenses.includes(skuId) && !added.some((license) => license.skuId === skuId);
	const assignedLicenses = [...present.filter(isKept), ...added];
	const licenseAssignmentStates = assignedLicenses.map(({ skuId, disabledPlans }) => ({
		skuId,
		disabledPlans,
		assignedByGroup: null,
		state: 'Active',
		error: 'None',
	}));
	context.commit({ type: 'update', id: user.id, properties: { assignedLicenses, licenseAssignmentStates } });
	const shown = viewOf(user, typeOf('user'));
	return { status: 200, headers: {}, body: { '@odata.context': contextUrl(context, 'user'), ...shown } };
}

function checkRemoved(skuIds: readonly unknown[], present: readonly AssignedLicense[]): void {
	for (const skuId of skuIds) {
		if (!present.some((license) => license.skuId === skuId)) {
			throw graphErrors.badRequest('User does not have a corresponding license.');
		}
	}
}

function checkAdded({ settings, directory }: ResourceContext, user: DirectoryObject, skuId: string): void {
	const sku = settings.skus.find((candidate) => candidate.skuId === skuId);
	if (!sku) throw graphErrors.badRequest(`License ${skuId} does not correspond to a valid company License.`);
	if (typeof valueAt(user, 'usageLocation') !== 'string') {
		throw graphErrors.badRequest('License assignment cannot be done for user with invalid usage location.');
	}
	const licenses = (valueAt(user, 'assignedLicenses') ?? []) as AssignedLicense[];
	const hasIt = licenses.some((license) => license.skuId === skuId);
	if (!hasIt && directory.seatsTaken(skuId) >= sku.enabled) {
		throw graphErrors.badRequest(`Subscription with SKU ${skuId} does not have any available licenses.`);
	}
}
