import { z } from 'zod';
import { CannotRunError, UnreachableError } from '../cannot-run.ts';
import { type ApiAnswer, type ApiCall, type ApiConnection, createApiCaller, readShape } from './api-call.ts';
import {
	begunShape,
	collectionOf,
	type Hold,
	holdsShape,
	messageShape,
	type Plan,
	type Profile,
	type ProfileStatus,
	planShape,
	profileShape,
	profileStatusShape,
	type Run,
	runShape,
	type SyncError,
	syncErrorShape,
	type Trace,
	traceShape,
	uploadUrlShape,
	type VerificationMessage,
} from './api-shapes.ts';

/** The HTTP API as this client uses it. Every method throws `CannotRunError` for an answer that it cannot go on from. */
export interface ApiClient {
	listProfiles(): Promise<Profile[]>;
	createProfile(profile: Record<string, unknown>): Promise<Profile>;
	getProfile(profileId: string): Promise<Profile>;
	getStatus(profileId: string): Promise<ProfileStatus>;
	getUploadUrl(profileId: string): Promise<string | 'busy'>;
	start(profileId: string): Promise<StartAnswer>;
	/** Verifies and plans. The uploads stay. */
	startDryRun(profileId: string): Promise<DryRunAnswer>;
	/** What a run is to do, with the first of its changes. */
	getPlan(profileId: string, runId: string): Promise<Plan>;
	listHolds(profileId: string, runId: string): Promise<Hold[]>;
	/** Has what a run held left as it is. */
	discard(profileId: string, runId: string): Promise<void>;
	/** Plans to undo a run, or carries out the plan that is named. Answers the run that was begun. */
	undo(profileId: string, runId: string, plan?: string): Promise<string>;
	/** Forgets errors and history, and syncs the last accepted files anew. */
	reset(profileId: string): Promise<void>;
	/** Has what a run held carried out, just as it is now. */
	approve(profileId: string, runId: string): Promise<void>;
	newestRun(profileId: string): Promise<Run | undefined>;
	getRun(profileId: string, runId: string): Promise<Run>;
	/** At most `limit` errors, and how many there are in all. */
	listErrors(profileId: string, limit: number): Promise<{ items: SyncError[]; count: number }>;
	/** Why somebody is in a class, or is not. */
	trace(profileId: string, query: TraceQuery): Promise<Trace>;
	/** Undefined where the service does not tell. */
	countDirectory(collection: 'schools' | 'classes' | 'users'): Promise<number | undefined>;
}

export interface TraceQuery {
	/** SIS id or username. */
	user?: string;
	/** SIS id. */
	class?: string;
}

/** `uncertain`: the service is busy, or its answer was lost; whether a run began, the list of runs tells. */
type StartAnswer =
	| { kind: 'accepted'; messages: VerificationMessage[] }
	| { kind: 'refused'; messages: VerificationMessage[] }
	| { kind: 'uncertain'; reason: string };

export type DryRunAnswer =
	| { kind: 'accepted'; messages: VerificationMessage[]; runId: string }
	| { kind: 'refused'; messages: VerificationMessage[] };

export function createApiClient(connection: ApiConnection): ApiClient {
	const callApi = createApiCaller(connection);
	const read = async <Shape extends z.ZodType>(call: ApiCall, shape: Shape) =>
		readShape(call, await callApi(call), shape);
	/** All that a run holds, just as it is now. */
	const decide = async (id: string, runId: string, action: 'approve' | 'discard') => {
		const path = `${runPath(id, runId)}/holds`;
		const { '@odata.etag': ifMatch } = await read({ action: 'list what is held', path }, holdsShape);
		if (ifMatch === undefined)
			throw new CannotRunError(`Cannot ${action}: run "${runId}" holds nothing, or is not the latest.`);
		await callApi({ action: `${action} what is held`, path: `${path}/${action}`, method: 'POST', ifMatch });
	};
	return {
		listProfiles: async () => {
			const pages = { action: 'list the profiles', path: profilesPath };
			return (await readPages(pages, (page) => read(page, collectionOf(profileShape)))).items;
		},
		createProfile: (body) =>
			read({ action: 'create the profile', path: profilesPath, method: 'POST', body }, profileShape),
		getProfile: (id) => read({ action: 'read the profile', path: pathOf(id) }, profileShape),
		getStatus: (id) => read({ action: 'read the status', path: `${pathOf(id)}/profileStatus` }, profileStatusShape),
		async getUploadUrl(id) {
			const call: ApiCall = { action: 'get an upload URL', path: `${pathOf(id)}/uploadUrl`, expect: [409] };
			const answer = await callApi(call);
			return answer.status === 409 ? 'busy' : readShape(call, answer, uploadUrlShape).value;
		},
		async start(id) {
			const path = `${pathOf(id)}/start`;
			try {
				return toStartAnswer(await callApi({ action: 'start the sync', path, method: 'POST', expect: startStatuses }));
			} catch (error) {
				if (error instanceof UnreachableError) return { kind: 'uncertain', reason: error.message };
				throw error;
			}
		},
		async trace(id, query) {
			const path = `${pathOf(id)}/trace?${new URLSearchParams({ ...query })}`;
			const call: ApiCall = { action: 'trace', path, expect: [404] };
			const answer = await callApi(call);
			if (answer.status === 404) throw new CannotRunError(`Cannot trace: ${answer.reason}`);
			return readShape(call, answer, traceShape);
		},
		async reset(id) {
			await callApi({ action: 'reset the profile', path: `${pathOf(id)}/reset`, method: 'POST' });
		},
		async startDryRun(id) {
			const path = `${pathOf(id)}/start?dryRun=true`;
			const call: ApiCall = { action: 'plan a sync', path, method: 'POST', expect: [400] };
			const answer = await callApi(call);
			const started = toStartAnswer(answer);
			if (started.kind !== 'accepted')
				return { kind: 'refused', messages: 'messages' in started ? started.messages : [] };
			return { ...started, runId: readShape(call, answer, begunShape).runId };
		},
		getPlan: (id, runId) => read({ action: 'read the plan', path: `${runPath(id, runId)}/plan?$top=999` }, planShape),
		listHolds: async (id, runId) =>
			(await read({ action: 'list what is held', path: `${runPath(id, runId)}/holds` }, holdsShape)).value,
		approve: (id, runId) => decide(id, runId, 'approve'),
		discard: (id, runId) => decide(id, runId, 'discard'),
		async undo(id, runId, ifMatch) {
			const call = { action: 'undo the run', path: `${runPath(id, runId)}/undo`, method: 'POST' } as const;
			return (await read({ ...call, ...(ifMatch === undefined ? {} : { ifMatch }) }, begunShape)).runId;
		},
		newestRun: async (id) =>
			(await read({ action: 'list the runs', path: `${pathOf(id)}/runs` }, collectionOf(runShape))).value[0],
		getRun: (id, runId) => read({ action: 'read the run', path: runPath(id, runId) }, runShape),
		async listErrors(id, limit) {
			const pages = { action: 'read the errors', path: `${pathOf(id)}/errors`, limit };
			const { items, count } = await readPages(pages, (page) => read(page, collectionOf(syncErrorShape)));
			return { items, count: count ?? items.length };
		},
		async countDirectory(collection) {
			const path = `/${collection}?$count=true&$top=1`;
			const page = await read({ action: `count the ${collection}`, path }, collectionOf(z.unknown()));
			return page['@odata.count'] ?? (page['@odata.nextLink'] ? undefined : page.value.length);
		},
	};
}

const profilesPath = '/synchronizationProfiles';

function pathOf(profileId: string): string {
	return `${profilesPath}/${encodeURIComponent(profileId)}`;
}

const runPath = (profileId: string, runId: string) => `${pathOf(profileId)}/runs/${encodeURIComponent(runId)}`;

/** A gateway that lost patience answers 502 or 504 although the service goes on with the start. */
const startStatuses = [400, 409, 502, 504];

const refusal = z.looseObject({ value: z.array(messageShape).min(1) });
const acceptance = z.looseObject({ value: z.array(messageShape).default([]) });

function toStartAnswer({ status, isOk, body, reason }: ApiAnswer): StartAnswer {
	if (isOk) return { kind: 'accepted', messages: acceptance.safeParse(body).data?.value ?? [] };
	if (status !== 400) return { kind: 'uncertain', reason };
	const refused = refusal.safeParse(body);
	if (!refused.success) throw new CannotRunError(`Cannot start the sync: ${reason}`);
	return { kind: 'refused', messages: refused.data.value };
}

interface Paged<Item> {
	value: Item[];
	'@odata.count'?: number | undefined;
	'@odata.nextLink'?: string | undefined;
}

/** Follows the next links until there are none, or `limit` items. */
async function readPages<Item>(
	{ limit = Number.POSITIVE_INFINITY, ...first }: ApiCall & { limit?: number },
	readPage: (call: ApiCall) => Promise<Paged<Item>>,
): Promise<{ items: Item[]; count: number | undefined }> {
	const items: Item[] = [];
	let count: number | undefined;
	for (let path: string | undefined = first.path; path !== undefined && items.length < limit; ) {
		const page: Paged<Item> = await readPage({ ...first, path });
		items.push(...page.value);
		count ??= page['@odata.count'];
		path = page['@odata.nextLink'];
	}
	return { items: items.slice(0, limit), count };
}
