import { describe, expect, test } from 'vitest';
import type { Directory } from '../../../src/directory-ports.ts';
import type { MatchProperty, WriteOutcome } from '../../../src/domain/directory.ts';
import { freshId } from '../../support/fresh-ids.ts';
import { idsOf, joining, named, school, section, student } from '../../support/rosters/directory-objects.ts';
import type { ShownDirectory } from '../../support/shown-directory.ts';
import { directoryMatchesSuite } from './directory-matches-suite.ts';
import { directoryMembersSuite } from './directory-members-suite.ts';
import { directoryNamesSuite } from './directory-names-suite.ts';
import { directoryObjectsSuite } from './directory-objects-suite.ts';
import { directoryRekeysSuite } from './directory-rekeys-suite.ts';
import { directorySchoolsSuite } from './directory-schools-suite.ts';

export interface DirectoryWorld extends ShownDirectory {
	directory: Directory;
	/** By what its accounts can be found. */
	finds: readonly MatchProperty[];
	/** Set if it takes no names and members but those that Microsoft Entra ID takes. */
	isStrict?: true;
	now(): Date;
}

/** A tenant in which nothing is but a class, a school and a person, who have nothing to do with each other. */
interface Tenant extends DirectoryWorld {
	tenantId: string;
	schoolId: string;
	classId: string;
	personId: string;
}

/** What takes a deadline: a method of the port that is new is to have a row. */
type WriteName = {
	[Name in keyof Directory]: Required<Parameters<Directory[Name]>>['length'] extends 3 ? Name : never;
}[keyof Directory];

type Write = (tenant: Tenant, deadline?: Date) => Promise<readonly WriteOutcome[]>;

/** One write of each kind, which has an effect. */
const writes: Readonly<Record<WriteName, Write>> = {
	putSchools: ({ directory, tenantId }, deadline) => directory.putSchools(tenantId, [school('S1')], deadline),
	putUsers: ({ directory, tenantId }, deadline) => directory.putUsers(tenantId, [student('P1')], deadline),
	putClasses: ({ directory, tenantId, schoolId }, deadline) =>
		directory.putClasses(tenantId, [section('C2', schoolId)], deadline),
	changeMembers: ({ directory, tenantId, classId, personId }, deadline) =>
		directory.changeMembers(tenantId, [{ classId, role: 'student', add: [personId], remove: [] }], deadline),
	changeSchoolMembers: ({ directory, tenantId, schoolId, personId }, deadline) =>
		directory.changeSchoolMembers(tenantId, [joining(schoolId, [personId])], deadline),
	async rekey({ directory, tenantId, classId: id }, deadline) {
		const objects = [{ kind: 'section', id, from: 'C1', to: 'C9' }] as const;
		await directory.rekey(tenantId, { source: 'profile', objects }, deadline);
		return [{ ok: true, id, changed: true }];
	},
};

/** The contract of the port, for every directory. */
export function directorySuite(name: string, open: () => DirectoryWorld): void {
	async function newTenant(): Promise<Tenant> {
		const [world, tenantId] = [open(), freshId()];
		const { directory } = world;
		const schools = [school('S8'), school('S9')];
		const [itsSchool, schoolId] = idsOf(await directory.putSchools(tenantId, schools)) as [string, string];
		const [classId] = idsOf(await directory.putClasses(tenantId, [section('C1', itsSchool)])) as [string];
		const [personId] = idsOf(await directory.putUsers(tenantId, [student('P9')])) as [string];
		return { ...world, tenantId, schoolId, classId, personId };
	}

	async function isUntouched({ look, directory, tenantId, schoolId, classId }: Tenant): Promise<boolean> {
		const objects = await Promise.all((['schools', 'classes', 'users'] as const).map((kind) => look(tenantId, kind)));
		const members = [
			await directory.classMembers(tenantId, { ids: [classId], role: 'student' }),
			await directory.schoolMembers(tenantId, { ids: [schoolId], role: 'student', source: 'profile' }),
		];
		const ids = objects.flat().map(({ externalId }) => externalId);
		return ids.sort().join() === 'C1,P9,S8,S9' && members.flat(2).length === 0;
	}

	describe.each(Object.entries(writes))(`a write ${name}: %s`, (_, write) => {
		test('has its effect before its deadline, and is refused after it without any', async () => {
			const tenant = await newTenant();
			const at = (milliseconds: number) => new Date(tenant.now().getTime() + milliseconds);
			for (const late of [at(0), at(-1)]) await expect(write(tenant, late)).rejects.toThrow();
			expect(await isUntouched(tenant)).toBe(true);
			expect(await write(tenant, at(600_000))).toMatchObject([{ ok: true, changed: true }]);
			expect(await isUntouched(tenant)).toBe(false);
			// That a deadline was missed is forgotten.
			expect(await write(tenant)).toMatchObject([{ ok: true }]);
		});

		test('has the same effect for a second time, and where two write at once', async () => {
			const tenant = await newTenant();
			const answers = await Promise.all([write(tenant), write(tenant)]);
			answers.push(await write(tenant));
			expect(new Set(answers.flatMap((outcomes) => idsOf(outcomes))).size).toBe(1);
			expect(answers.flat().every(({ ok }) => ok)).toBe(true);
		});
	});

	test(`nothing is written ${name} for nothing`, async () => {
		const tenant = await newTenant();
		const { directory, tenantId } = tenant;
		expect(await directory.putSchools(tenantId, [])).toEqual([]);
		expect(await directory.putUsers(tenantId, [])).toEqual([]);
		expect(await directory.putClasses(tenantId, [])).toEqual([]);
		expect(await directory.changeMembers(tenantId, [])).toEqual([]);
		expect(await directory.changeSchoolMembers(tenantId, [])).toEqual([]);
		await directory.rekey(tenantId, { source: 'profile', objects: [] });
		expect(await isUntouched(tenant)).toBe(true);
	});

	test(`two tenants ${name} never meet, even with the same source ids and names`, async () => {
		const [world, own, other] = [open(), freshId(), freshId()];
		const { directory, look, members } = world;
		const fill = async (tenantId: string) => {
			const [schoolId] = idsOf(await directory.putSchools(tenantId, [school('S1')])) as [string];
			const [classId] = idsOf(await directory.putClasses(tenantId, [section('C1', schoolId)])) as [string];
			const people = [student('P1', { account: named('ada@example.org') })];
			const [userId] = idsOf(await directory.putUsers(tenantId, people)) as [string];
			await directory.changeMembers(tenantId, [{ classId, role: 'student', add: [userId], remove: [] }]);
			await directory.changeSchoolMembers(tenantId, [joining(schoolId, [userId])]);
			return { schoolId, classId, userId };
		};
		const [mine, theirs] = [await fill(own), await fill(other)];
		expect(new Set([...Object.values(mine), ...Object.values(theirs)]).size).toBe(6);
		expect((await look(own, 'users')).map(({ id }) => id)).toEqual([mine.userId]);
		await directory.changeMembers(other, [{ classId: mine.classId, role: 'student', add: [], remove: [mine.userId] }]);
		expect(await members(own, mine.classId, 'member')).toEqual([mine.userId]);
		await directory.changeSchoolMembers(other, [joining(mine.schoolId, [], { remove: [mine.userId] })]);
		const [person] = await look(own, 'users');
		expect(person?.schoolIds).toEqual([mine.schoolId]);
	});

	directoryObjectsSuite(name, open);
	directoryNamesSuite(name, open);
	directoryMatchesSuite(name, open);
	directoryMembersSuite(name, open);
	directorySchoolsSuite(name, open);
	directoryRekeysSuite(name, open);
}
