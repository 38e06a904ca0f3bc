import { CannotRunError } from '../cannot-run.ts';
import type { RosterFile } from '../roster-folder.ts';
import { addSample, type PaceSample, paceOf } from '../screen/pace.ts';
import { countOf, formatBytes, formatDuration } from '../screen/wording.ts';
import { findNewRun, followRun } from './follow-run.ts';
import type { SyncContext } from './sync-context.ts';
import { uploadFiles } from './uploads.ts';

const maxRounds = 3;

/**
 * Uploads all files into an idle profile. Returns the id of the newest run at that moment: a later one is ours.
 *
 * The service starts by itself when uploads rest for a while. If six files were there already, it may do so between two
 * of ours and take a mixture of old and new files; then everything is uploaded once more when that run has ended.
 */
export async function uploadStep(
	profileId: string,
	files: readonly RosterFile[],
	context: SyncContext,
): Promise<string | undefined> {
	const { client, screen } = context;
	for (let round = 1; round <= maxRounds; round += 1) {
		let firstUrl: string | undefined = await waitForUploadUrl(profileId, context);
		const previousRunId = (await client.newestRun(profileId))?.id;
		const getContainerUrl = async () => {
			const url = firstUrl ?? (await waitForUploadUrl(profileId, context));
			firstUrl = undefined;
			return url;
		};
		await uploadWithProgress(files, getContainerUrl, context);
		const newest = await client.newestRun(profileId);
		// What a refused run left behind is complete by now, and is checked anew by our own start.
		if (newest?.id === previousRunId || newest?.outcome === 'refused') return newest?.id;
		screen.line('  The service began by itself while files were still arriving. They follow in a second sync.');
		if (newest)
			await followRun(profileId, newest.id, { ...context, onProgress: (progress) => screen.progress(progress) });
	}
	throw new CannotRunError(
		'Cannot upload the files as one set: each time the service began before the last had arrived. Set QUIET_SECONDS of the service higher than the longest upload of one file takes.',
	);
}

async function uploadWithProgress(
	files: readonly RosterFile[],
	getContainerUrl: () => Promise<string>,
	{ clock, signal, screen }: SyncContext,
): Promise<void> {
	const startedMs = clock.nowMs();
	const total = files.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
	let samples: PaceSample[] = [];
	const onProgress = (done: number) => {
		samples = addSample(samples, { atMs: clock.nowMs(), done });
		screen.progress({ title: 'Uploading', done, total, pace: paceOf(samples, total), format: formatBytes });
	};
	onProgress(0);
	await uploadFiles(files, { getContainerUrl, clock, signal, onProgress });
	const duration = formatDuration(clock.nowMs() - startedMs);
	screen.fact('Uploaded', `${countOf(files.length, 'file')}, ${formatBytes(total)} in ${duration}`);
}

const busyPollMs = 1_000;
/** As long as the verification of a very large roster may take: until it ends there is no run to follow. */
const maxBusyMs = 10 * 60_000;

/** While an earlier sync of the profile runs, the service gives no URL; then that sync is followed to its end. */
async function waitForUploadUrl(profileId: string, context: SyncContext): Promise<string> {
	const { client, clock, signal, screen } = context;
	const deadlineMs = clock.nowMs() + maxBusyMs;
	for (;;) {
		const url = await client.getUploadUrl(profileId);
		if (url !== 'busy') return url;
		const run = await findNewRun(profileId, { ...context, previousRunId: undefined, patienceMs: 0 });
		if (run && !run.outcome) {
			screen.line('  An earlier sync of this profile is still running; yours is next.');
			await followRun(profileId, run.id, { ...context, onProgress: (progress) => screen.progress(progress) });
			screen.endProgress();
		}
		if (clock.nowMs() > deadlineMs) {
			throw new CannotRunError(
				'Cannot upload: the service has been busy with this profile for ten minutes. Look at its status (GET …/profileStatus) and run the command again when it is idle.',
			);
		}
		screen.progress({ title: 'Waiting for the service', done: 0, total: 0 });
		await clock.sleep(busyPollMs, signal);
	}
}
