import { describe, expect, test } from 'vitest';
import { matchProperties } from '../../../src/domain/directory.ts';
import { freshId } from '../../support/fresh-ids.ts';
import { idsOf, matching, named, student } from '../../support/rosters/directory-objects.ts';
import type { DirectoryWorld } from './directory-suite.ts';

/** What a profile makes of accounts that are there already. */
export function directoryMatchesSuite(name: string, open: () => DirectoryWorld): void {
	/** A tenant of its own with some accounts; answers their ids. */
	async function withAccounts(...names: readonly string[]) {
		const [world, tenantId] = [open(), freshId()];
		const people = names.map((each, at) => student(`P${at}`, { account: named(each, `Person ${at}`) }));
		const ids = idsOf(await world.directory.putUsers(tenantId, people));
		const put = (...users: Parameters<typeof world.directory.putUsers>[1]) => world.directory.putUsers(tenantId, users);
		return { ...world, ids, put, users: () => world.look(tenantId, 'users') };
	}

	const values = {
		userPrincipalName: 'ada.lund@EXAMPLE.org',
		mail: 'Ada.Lund@example.org',
		mailNickname: 'ada.lund',
	} as const;

	describe(`accounts that are there already ${name}`, () => {
		test.each(Object.entries(values))('are found by %s in any case, and written onto', async (property, value) => {
			const { put, ids, users, finds } = await withAccounts('Ada.Lund@example.org', 'bo@example.org');
			if (!finds.includes(property as keyof typeof values)) return;
			const account = matching(property as keyof typeof values, value);
			const attributes = { givenName: 'Ada' };
			const [outcome] = await put(
				student('X9', { role: 'teacher', account, attributes, externalSourceDetail: 'other', skuIds: ['sku-1'] }),
			);
			expect(outcome).toEqual({ ok: true, id: ids[0], changed: true });
			expect((await users()).find(({ id }) => id === ids[0])).toMatchObject({
				externalId: 'X9',
				externalSourceDetail: 'other',
				primaryRole: 'teacher',
				teacher: { externalId: 'X9' },
				userPrincipalName: 'Ada.Lund@example.org',
				displayName: 'Person 0',
				givenName: 'Ada',
				assignedLicenses: [{ skuId: 'sku-1', disabledPlans: [] }],
			});
			expect(await users()).toHaveLength(2);
		});

		test('are never made, and never guessed among several: one outcome for each, in the order of the call', async () => {
			const { put, ids, users } = await withAccounts('ada@one.org', 'ada@two.org', 'bo@one.org', 'adam@one.org');
			const before = await users();
			const wanted = ['nobody', 'ada', 'ad', '', "' or '"].map((value) =>
				student(`X${value}`, { account: matching('mailNickname', value) }),
			);
			const codes = (await put(...wanted)).map((outcome) => (outcome.ok ? 'ok' : outcome.code));
			const nobody = 'UnsynchronizableChange';
			expect(codes).toEqual([nobody, 'DuplicateTargetEntries', nobody, nobody, nobody]);
			expect(await users()).toEqual(before);
			const outcomes = await put(
				student('X1', { account: matching('userPrincipalName', 'nobody@one.org') }),
				student('X2', { account: matching('userPrincipalName', 'bo@one.org') }),
				student('X3', { account: matching('userPrincipalName', 'ada@two.org') }),
			);
			expect(outcomes.map((outcome) => (outcome.ok ? outcome.id : outcome.code))).toEqual([nobody, ids[2], ids[1]]);
		});

		test('are found by the name that they have, and not by one that they had', async () => {
			const { put, ids } = await withAccounts('old@example.org');
			await put(student('P0', { account: named('new@example.org') }));
			const outcomes = await put(
				student('X1', { account: matching('userPrincipalName', 'old@example.org') }),
				student('X2', { account: matching('userPrincipalName', 'new@example.org') }),
			);
			expect(outcomes.map((outcome) => (outcome.ok ? outcome.id : ''))).toEqual(['', ids[0]]);
		});

		test('that two records of a call find take what the last of them says', async () => {
			const { put, ids, users } = await withAccounts('ada@example.org');
			const account = matching('userPrincipalName', 'ada@example.org');
			const outcomes = await put(student('X1', { account }), student('X2', { account }));
			expect(idsOf(outcomes)).toEqual([ids[0], ids[0]]);
			expect(await users()).toMatchObject([{ externalId: 'X2' }]);
		});

		test('are not looked for by what the directory does not hold, and it says so of each', async () => {
			const { put, finds } = await withAccounts('ada@example.org');
			for (const property of matchProperties.filter((each) => !finds.includes(each))) {
				const wanted = ['ada@example.org', 'ada'].map((value) => student('P0', { account: matching(property, value) }));
				const refused = { ok: false, code: 'UnsynchronizableChange', message: expect.stringContaining(property) };
				expect(await put(...wanted)).toEqual([refused, refused]);
			}
		});
	});
}
