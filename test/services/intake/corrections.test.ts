import { text } from 'node:stream/consumers';
import { beforeEach, describe, expect, test } from 'vitest';
import type { ProfileRef } from '../../../src/ports.ts';
import { asyncRefusal } from '../../support/requests/refusal.ts';
import { definition } from '../../support/rosters/profile-builder.ts';
import { smallRoster } from '../../support/rosters/roster.ts';
import type { RosterFiles } from '../../support/sync-story.ts';
import { ownTenant } from '../../support/tenants.ts';
import { type ServiceWorld, serviceWorld } from '../../support/worlds/service-world.ts';

let world: ServiceWorld;
let ref: ProfileRef;
let starts = 0;

beforeEach(async () => {
	world = serviceWorld();
	starts = 0;
	const { id } = await world.services.profiles.create(ownTenant, { definition: definition() });
	ref = { tenantId: ownTenant, profileId: id };
	await settle();
});

async function settle() {
	while (await world.engine.step());
}

/** Two runs of one millisecond have no order. */
const start = () => {
	world.clock.set(`2026-03-02T1${++starts}:00:00Z`);
	return world.services.starts.start(ref);
};

function upload(files: RosterFiles) {
	for (const [name, content] of Object.entries(files)) world.uploads.put(ref.profileId, name, content as string);
}

async function latestRunId(): Promise<string> {
	return (await world.runs.list(ref.profileId, { size: 1 })).items[0]?.id as string;
}

const faultyRows = async (file: string) =>
	text(await world.reports.getFaultyRows({ ...ref, runId: await latestRunId() }, file));

const sourcesKept = () =>
	[...world.rosters.files.keys()].flatMap((path) => /runs\/(.+)\/source\/(\w+)/.exec(path)?.slice(1).join(' ') ?? []);

const faultySchool = { 'School.csv': 'SIS ID,Name\r\nS1,\r\nS2,South School\r\n' };
const faultySection = {
	'Section.csv': 'SIS ID,School SIS ID,Section Name\r\nC1,S1,Maths\r\nC2,S9,Latin\r\nC3,S2,Chemistry\r\n',
};

describe('faulty rows that come back corrected', () => {
	test('are put into their file, which is verified and taken as a whole', async () => {
		upload(smallRoster(faultySchool));
		expect(await start()).toMatchObject({ accepted: false });
		upload({ 'School.csv': (await faultyRows('school.csv')).replace('S1,', 'S1,North School') });
		const { accepted, messages } = await start();
		expect([accepted, messages]).toEqual([
			true,
			[{ type: 'Information', fileName: 'school.csv', description: '1 corrected row(s) were put into the file.' }],
		]);
		const path = `${ref.profileId}/runs/${await latestRunId()}/source/school.csv`;
		expect(Buffer.from(world.rosters.files.get(path) ?? []).toString()).toBe(
			'SIS ID,Name\r\nS1,North School\r\nS2,South School\r\n',
		);
		await settle();
		expect(await world.uploads.list(ref.profileId, 9)).toEqual([]);
	});

	test('count although another file is still faulty: they need not be uploaded again', async () => {
		upload(smallRoster({ ...faultySchool, ...faultySection }));
		await start();
		upload({ 'School.csv': (await faultyRows('school.csv')).replace('S1,', 'S1,North School') });
		expect(await start()).toMatchObject({ accepted: false });
		expect(sourcesKept()).toEqual([`${await latestRunId()} section`]);
		upload({ 'Section.csv': (await faultyRows('section.csv')).replace('S9', 'S1') });
		expect(await start()).toMatchObject({ accepted: true });
	});

	test('are told from the rows of an older report', async () => {
		upload(smallRoster({ ...faultySchool, ...faultySection }));
		await start();
		const outdated = await faultyRows('school.csv');
		await start();
		upload({ 'School.csv': outdated });
		const { accepted, messages } = await start();
		expect(accepted).toBe(false);
		expect(messages).toContainEqual({
			type: 'Error',
			fileName: 'school.csv',
			description: 'The corrections cannot be used: they are not from the latest report of this profile.',
		});
		expect(messages.filter(({ fileName }) => fileName === 'school.csv')).toHaveLength(1);
		expect((await world.uploads.list(ref.profileId, 9)).map(({ name }) => name)).toContain('School.csv');
	});

	test('of files that were accepted with warnings are put into those, when the others are uploaded again', async () => {
		const twice = `${smallRoster()['TeacherRoster.csv']}C1,T1\r\n`;
		upload(smallRoster({ 'TeacherRoster.csv': twice }));
		expect(await start()).toMatchObject({ accepted: true });
		await settle();
		const rows = await faultyRows('teacherroster.csv');
		expect(rows).toContain('Warning: Section SIS ID, SIS ID stands in an earlier row');
		upload(smallRoster({ 'TeacherRoster.csv': rows.replace('C1,T1', ',') }));
		const { accepted, messages } = await start();
		expect([accepted, messages]).toEqual([
			true,
			[
				{
					type: 'Warning',
					fileName: 'teacherroster.csv',
					description: '1 row(s) came back empty and were removed from the file.',
				},
			],
		]);
	});

	test('are refused if they are more than a report can have', async () => {
		upload(smallRoster(faultySchool));
		await start();
		const rows = await faultyRows('school.csv');
		upload({ 'School.csv': rows + `${await latestRunId()},3,${'x'.repeat(1_000)},,S2,South\r\n`.repeat(17_000) });
		const { messages } = await start();
		expect(messages[0]?.description).toMatch(/^The corrections cannot be used: they have more than 16777216 bytes\./);
	});

	test('are of use only to whoever has their profile: the rows of a sound file are not there', async () => {
		upload(smallRoster(faultySchool));
		await start();
		const run = { ...ref, runId: await latestRunId() };
		for (const file of ['student.csv', 'passwords.csv', 'findings.csv'])
			expect((await asyncRefusal(world.reports.getFaultyRows(run, file))).code).toBe('ResourceNotFound');
		const stranger = { ...run, tenantId: '99999999-9999-4999-8999-999999999999' };
		expect((await asyncRefusal(world.reports.getFaultyRows(stranger, 'school.csv'))).code).toBe('ResourceNotFound');
	});
});

test('of a refused run, only the files with findings are kept, and only until the next verification', async () => {
	upload(smallRoster(faultySchool));
	await start();
	const first = await latestRunId();
	expect(sourcesKept()).toEqual([`${first} school`]);
	await start();
	expect(sourcesKept()).toEqual([`${await latestRunId()} school`]);
	upload(smallRoster());
	await start();
	expect(new Set(sourcesKept().map((each) => each.split(' ')[0]))).toEqual(new Set([await latestRunId()]));
});

test('a refused verification leaves the accepted files alone, which a reset would sync again', async () => {
	upload(smallRoster());
	await start();
	await settle();
	const accepted = sourcesKept();
	expect(accepted).toHaveLength(6);
	upload(smallRoster(faultySchool));
	expect(await start()).toMatchObject({ accepted: false });
	expect(sourcesKept()).toEqual(expect.arrayContaining(accepted));
	await start();
	expect(sourcesKept()).toEqual(expect.arrayContaining(accepted));
	expect(sourcesKept()).toHaveLength(7);
});
