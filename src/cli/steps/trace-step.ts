import { CannotRunError } from '../cannot-run.ts';
import type { ApiClient, TraceQuery } from '../client/api-client.ts';
import type { Trace } from '../client/api-shapes.ts';
import type { SyncOptions } from '../options.ts';
import { traceLines } from '../screen/trace-report.ts';
import { printable } from '../screen/wording.ts';
import type { SyncContext } from './sync-context.ts';

/** Asks why somebody is in a class, or is not, and shows the answer. Changes nothing, and makes no profile. */
export async function traceStep(
	{ profileName }: SyncOptions,
	query: TraceQuery,
	{ client, screen }: Pick<SyncContext, 'client' | 'screen'>,
): Promise<Trace> {
	const profile = await profileNamed(client, profileName);
	screen.fact('Profile', printable(profile.displayName));
	screen.progress({ title: 'Looking through the files', done: 0, total: 0 });
	const trace = await client.trace(profile.id, query);
	screen.endProgress();
	for (const line of [...traceLines(trace, screen), '']) screen.line(line);
	return trace;
}

async function profileNamed(client: ApiClient, name: string) {
	const found = (await client.listProfiles()).find(({ displayName }) => displayName === name);
	if (found) return found;
	throw new CannotRunError(`Cannot trace: there is no profile "${name}". Name the folder that was synced, or --name.`);
}
