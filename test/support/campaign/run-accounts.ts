import { collect, type GraphClient, type Json } from '../requests/graph-client.ts';

/** All that a profile tells of how a run ended, but for ids and times. */
export interface RunAccount {
	outcome: unknown;
	failure: unknown;
	tallies: unknown;
	errorCount: unknown;
	/** Each error that is listed. */
	errors: readonly string[];
	heldRemovals: unknown;
	holds: readonly string[];
	status: unknown;
	statusMessage: string;
}

/** Of the latest run, as long as no other one begins. */
export async function accountOf(client: GraphClient, profile: string, run: Json): Promise<RunAccount> {
	const { outcome, failure, tallies, errorCount, heldRemovals } = run;
	const { body: shown } = await client.get(`${profile}/profileStatus`);
	const { body: held } = await client.get(`${profile}/runs/${run.id}/holds`);
	return {
		outcome,
		failure,
		tallies,
		errorCount,
		errors: sorted(await collect(client, `${profile}/errors?$top=500`)),
		heldRemovals,
		holds: sorted(held.value as Json[]),
		status: shown.status,
		statusMessage: String(shown.statusMessage).replaceAll(String(run.id), '<run>'),
	};
}

const nameless = new Set(['id', 'recordedDateTime']);

function sorted(items: readonly Json[]): string[] {
	return items.map((item) => JSON.stringify(item, (name, value) => (nameless.has(name) ? undefined : value))).sort();
}

/** Newest first: those that a list of the profile's runs had not when `known` was taken. */
export async function runsSince(client: GraphClient, profile: string, known: ReadonlySet<unknown>): Promise<Json[]> {
	const { body } = await client.get(`${profile}/runs?$top=50`);
	return (body.value as Json[]).filter(({ id }) => !known.has(id));
}
