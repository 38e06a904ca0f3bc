import { RequestRefused } from '../engine/request-refused.ts';
import { type InstanceRecord, runtimeStatus } from '../storage/instance-record.ts';
import type { ApiContext, ApiResponse } from './management-request.ts';
import { statusBody } from './status-body.ts';

const defaultPageSize = 100;
/** A table answers with at most 1,000 rows. */
const maxPageSize = 1000;
const tokenHeader = 'x-ms-continuation-token';

/** One page of instances. It may be short or empty, since filters apply within it; only a missing token ends the list. */
export async function listInstances({ commands, request }: ApiContext): Promise<ApiResponse> {
	const { query, headers } = request;
	const matches = createFilter(query);
	const asked = Number(query.get('top') ?? defaultPageSize);
	const pageSize = asked > 0 ? Math.min(asked, maxPageSize) : defaultPageSize;
	const token = headers.get(tokenHeader);
	const page = await commands.list({ pageSize, ...(token ? { continuationToken: token } : {}) });
	const showInput = query.get('showInput')?.toLowerCase() !== 'false';
	const body = page.records.filter(matches).map((record) => statusBody(record, { showInput }));
	return { status: 200, headers: { [tokenHeader]: page.continuationToken ?? '' }, body };
}

/**
 * Deletes the instances that match, running ones too, as Azure does: whoever means only the ended ones must name their statuses.
 */
export async function purgeInstances({ commands, request }: ApiContext): Promise<ApiResponse> {
	if (!request.query.get('createdTimeFrom')) {
		throw new RequestRefused(400, 'Cannot purge instances: the query must have "createdTimeFrom"');
	}
	const matches = createFilter(request.query);
	const found: string[] = [];
	let continuationToken: string | undefined;
	// All are found first: pages would shift under a deletion.
	do {
		const from: { continuationToken?: string } = continuationToken ? { continuationToken } : {};
		const page = await commands.list({ pageSize: maxPageSize, ...from });
		const chosen = page.records.filter(matches);
		found.push(...chosen.map(({ instanceId }) => instanceId));
		continuationToken = page.continuationToken;
	} while (continuationToken);
	let instancesDeleted = 0;
	for (const instanceId of found) if (await commands.purge(instanceId)) instancesDeleted += 1;
	if (instancesDeleted === 0) throw new RequestRefused(404, 'No instance matches');
	return { status: 200, body: { instancesDeleted } };
}

function createFilter(query: URLSearchParams): (record: InstanceRecord) => boolean {
	const from = readTime(query, 'createdTimeFrom') ?? Number.NEGATIVE_INFINITY;
	const to = readTime(query, 'createdTimeTo') ?? Number.POSITIVE_INFINITY;
	const statuses = new Set((query.get('runtimeStatus') ?? '').toLowerCase().split(',').filter(Boolean));
	const prefix = query.get('instanceIdPrefix') ?? '';
	return (record) => {
		const created = Date.parse(record.createdTime);
		if (created < from || created > to || !record.instanceId.startsWith(prefix)) return false;
		return statuses.size === 0 || statuses.has(runtimeStatus(record).toLowerCase());
	};
}

function readTime(query: URLSearchParams, name: string): number | undefined {
	const text = query.get(name);
	if (!text) return undefined;
	const time = Date.parse(text);
	if (!Number.isNaN(time)) return time;
	throw new RequestRefused(400, `Cannot read ${name} "${text}": it must be an ISO 8601 time`);
}
