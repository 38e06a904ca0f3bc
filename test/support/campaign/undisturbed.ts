import { type Json, poll } from '../requests/graph-client.ts';
import { type DirectoryContent, directoryContent } from '../rosters/directory-image.ts';
import { latestRun, type RosterFiles, untilIdle, uploadFiles } from '../sync-story.ts';
import { accountOf, type RunAccount } from './run-accounts.ts';
import type { Service } from './service.ts';
import type { WriteRecord, WrittenRows } from './written-rows.ts';

/** A profile in its directory, and what its hosts write there. */
export interface CampaignWorld {
	service: Service;
	profile: string;
	record: WriteRecord;
}

/** What one roster comes to after the other one, where nothing is disturbed. */
export interface Expected {
	files: RosterFiles;
	content: DirectoryContent;
	/** How long it takes from the upload to the end. */
	durationMs: number;
	/** Of the run that brings it. */
	change: RunAccount;
	directoryWrites: number;
	written: WrittenRows;
	/** How many rows it sends, also those that are refused. */
	sent: number;
	/** Of a further run with the same files. */
	again: RunAccount;
}

/** Uploads and starts until a run with just these files has ended by itself. */
export async function sync({ service: { client }, profile }: CampaignWorld, files: RosterFiles): Promise<Json> {
	await uploadFiles(client, profile, files);
	const { status, text } = await poll(
		() => client.send('POST', `${profile}/start`),
		(answer) => answer.status === 200 || answer.status === 400,
	);
	if (status === 400) throw new Error(`Starting answered ${status}: ${text}`);
	return settled(client, profile);
}

export async function settled(client: Service['client'], profile: string): Promise<Json> {
	await untilIdle(client, profile);
	return (await latestRun(client, profile)) as Json;
}

/** Who has left stays in the directory: only from the second round on it is the same after each turn. */
export async function undisturbed(
	world: CampaignWorld,
	rosters: readonly [RosterFiles, RosterFiles],
): Promise<readonly [Expected, Expected]> {
	const { service, profile, record } = world;
	for (const files of rosters) await sync(world, files);
	const expected: Expected[] = [];
	for (const files of rosters) {
		record.take();
		const begun = performance.now();
		const run = await sync(world, files);
		const durationMs = performance.now() - begun;
		const sent = record.sent();
		const written = record.take();
		const change = await accountOf(service.client, profile, run);
		const again = await accountOf(service.client, profile, await sync(world, files));
		const content = await directoryContent(service.client);
		const directoryWrites = Number(run.directoryWrites);
		expected.push({ files, content, durationMs, change, directoryWrites, written, sent, again });
	}
	return expected as [Expected, Expected];
}
