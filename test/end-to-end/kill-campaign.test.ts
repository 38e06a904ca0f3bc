import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { seededRandom } from '../../bench/random.ts';
import { writeRoster } from '../../bench/roster-generator.ts';
import { type DirectoryImage, directoryImage } from '../support/directory-image.ts';
import { type GraphClient, graphClient, type Json, poll, tokenFor } from '../support/graph-client.ts';
import { rosterFolder } from '../support/roster.ts';
import { createProfile, latestRun, type RosterFiles, untilIdle, uploadFiles } from '../support/sync-story.ts';
import { startTestHost, type TestHost } from '../support/test-host.ts';

/**
 * A host that is killed at any instant of a run, again and again: `KILLS=300` on demand. The rosters take turns; from one to the other
 * people come, leave, change, move to other classes, exchange usernames, and one is refused each time.
 */

const kills = Number(process.env.KILLS ?? 3);
const seed = Number(process.env.KILL_SEED ?? 1);
const random = seededRandom(seed);
const students = 400;
/** Somewhat longer than a run takes, so that some kills come after it. */
const instants = 4_000;

interface Expected {
	files: RosterFiles;
	image: DirectoryImage;
	outcome: unknown;
	errorCount: unknown;
}

let folder: string;
const expected: Expected[] = [];
let host: TestHost;
let client: GraphClient;
let profile: string;

async function connect(dataFolder: string, inMemory: boolean): Promise<void> {
	host = await startTestHost({ dataFolder, inMemory });
	client = graphClient(host, await tokenFor(host));
}

/** As the second roster: every row is as in the first one, but for some. */
function changed(files: RosterFiles): RosterFiles {
	const edit = (name: string, change: (rows: string[]) => string[]) => {
		const [header = '', ...rows] = String(files[name]).split(/\r?\n/).filter(Boolean);
		return { [name]: `${[header, ...change(rows)].join('\r\n')}\r\n` };
	};
	const student = Object.keys(files).find((name) => /^student\.csv$/i.test(name)) as string;
	const enrollment = Object.keys(files).find((name) => /^studentenrollment\.csv$/i.test(name)) as string;
	const header = String(files[student]).split(/\r?\n/)[0]?.split(',') ?? [];
	const [id, first, username] = ['SIS ID', 'First Name', 'Username'].map((name) => header.indexOf(name)) as [
		number,
		number,
		number,
	];
	const [leaver, twin] = (String(files[student]).split(/\r?\n/).slice(1, 3) as string[]).map(
		(row) => row.split(',')[id],
	);
	return {
		...files,
		...edit(student, (rows) => {
			const cells = rows.map((row) => row.split(','));
			const [gone, ...stay] = cells as [string[], ...string[][]];
			// Two exchange their names, every tenth has another first name, and somebody new wants the name of the one who left.
			const [left, right] = [stay[0] as string[], stay[1] as string[]];
			[left[username], right[username]] = [right[username] as string, left[username] as string];
			for (let at = 5; at < stay.length; at += 10) (stay[at] as string[])[first] = 'Changed';
			const newcomer = gone.map((value, at) => (at === id ? 'NEW1' : value));
			return [...stay, newcomer].map((row) => row.join(','));
		}),
		...edit(enrollment, (rows) =>
			rows
				.filter((row, at) => !row.endsWith(`,${leaver}`) && (at % 17 !== 0 || row.endsWith(`,${twin}`)))
				.concat(rows.slice(0, 1).map((row) => `${row.split(',')[0]},NEW1`)),
		),
	};
}

/** Uploads and starts until a run with just these files has ended by itself. */
async function sync(files: RosterFiles): Promise<Json> {
	await uploadFiles(client, profile, files);
	await poll(
		() => client.send('POST', `${profile}/start`),
		({ status }) => status === 200,
	);
	return settled();
}

async function settled(): Promise<Json> {
	await untilIdle(client, profile);
	return (await latestRun(client, profile)) as Json;
}

beforeAll(async () => {
	folder = await mkdtemp(path.join(tmpdir(), 'sds-kills-'));
	const rosterPath = path.join(folder, 'roster');
	await writeRoster(rosterPath, { students, seed: 11 });
	const first = await rosterFolder(rosterPath);
	const plain = Object.fromEntries(
		Object.entries(first).map(([name, content]) => [name, Buffer.from(content).toString()]),
	);
	await connect(path.join(folder, 'undisturbed'), true);
	profile = await createProfile(client);
	const rosters = [plain, changed(plain)];
	// Who has left stays in the directory: only from the second round on it is the same after each turn.
	for (const [round, files] of [...rosters, ...rosters].entries()) {
		const run = await sync(files);
		const { outcome, errorCount } = run;
		if (round >= 2) expected.push({ files, image: await directoryImage(client), outcome, errorCount });
	}
	await host.dispose();
	await connect(path.join(folder, 'disturbed'), false);
	profile = await createProfile(client);
	for (const files of rosters) await sync(files);
});

afterAll(async () => {
	await host?.dispose();
	await rm(folder, { recursive: true, force: true });
});

async function kill(): Promise<void> {
	const { dataFolder } = host;
	process.kill(host.pid, 'SIGKILL');
	await host.ended;
	await connect(dataFolder, false);
}

const disturbances = ['none', 'pause', 'replace', 'reset', 'twice'] as const;

/** What a client does to the run meanwhile; it may be interrupted by the kill, and asks again then. */
async function disturb(how: (typeof disturbances)[number], other: RosterFiles): Promise<void> {
	const send = (action: string) => client.send('POST', `${profile}/${action}`);
	if (how === 'pause') await send('pause');
	if (how === 'reset') await send('reset');
	if (how === 'replace') {
		await send('pause');
		await uploadFiles(client, profile, other);
		await send('start');
	}
}

test(`a host that is killed ${kills} times comes to what an undisturbed one comes to, each time`, async () => {
	expect(expected.map(({ outcome, errorCount }) => [outcome, errorCount])).toEqual([
		['success', 0],
		['error', 2],
	]);
	for (let turn = 0; turn < kills; turn++) {
		const wanted = expected[turn % 2] as Expected;
		const how = random.pick(disturbances);
		const told = `turn ${turn} of seed ${seed}: ${how}`;
		await uploadFiles(client, profile, wanted.files);
		const starting = client.send('POST', `${profile}/start`).catch(() => undefined);
		await pause(random.below(instants));
		const disturbing = disturb(how, (expected[(turn + 1) % 2] as Expected).files).catch(() => {});
		await pause(random.below(300));
		await kill();
		await Promise.all([starting, disturbing]);
		if (how === 'twice') {
			await pause(random.below(instants));
			await kill();
		}
		// A run that was under way goes on by itself, unless somebody paused it; then the client brings its files once more.
		await client.send('POST', `${profile}/resume`);
		await settled();
		const run = await sync(wanted.files);
		expect(await directoryImage(client), told).toEqual(wanted.image);
		const after = await sync(wanted.files);
		expect([run.outcome, after.outcome, after.errorCount], told).toEqual([
			wanted.outcome,
			wanted.outcome,
			wanted.errorCount,
		]);
		// The history is right: whoever is refused is tried again, and nothing else is written.
		expect(after.directoryWrites, told).toBe(0);
		const open = ((await client.get(`${profile}/runs?$top=50`)).body.value as Json[]).filter(
			({ outcome }) => outcome === undefined,
		);
		expect(open, told).toEqual([]);
	}
});
