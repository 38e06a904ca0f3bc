import type { SubscribedSku, User } from '@microsoft/microsoft-graph-types';
import { expect, test } from 'vitest';
import { refusal, startTenant } from './support/graph-tenant.ts';

const student = { skuId: '314c4481-f395-4525-be8b-2ec4bb1e9d91', skuPartNumber: 'STUDENT', enabled: 2 };
const faculty = { skuId: '94763226-9b3c-4e75-a931-5c89701abe66', skuPartNumber: 'FACULTY', enabled: 1 };
const options = {
	tenant: { skus: [student, faculty], countryLetterCode: 'DE', verifiedDomains: ['contoso.example', 'b.example'] },
};

function change(add: string[], remove: string[] = []) {
	return { body: { addLicenses: add.map((skuId) => ({ skuId, disabledPlans: [] })), removeLicenses: remove } };
}

test('licences are assigned, counted and taken away', async () => {
	const { ask, makeUser } = await startTenant(options);
	const user = await makeUser({ usageLocation: 'DE' });
	const assign = (body: ReturnType<typeof change>) => ask<User>('POST', `/users/${user.id}/assignLicense`, body);
	const taken = async () => {
		const { value } = (await ask<{ value: SubscribedSku[] }>('GET', '/subscribedSkus')).body;
		return value.map(({ skuPartNumber, consumedUnits, prepaidUnits }) => [
			skuPartNumber,
			consumedUnits,
			prepaidUnits?.enabled,
		]);
	};
	expect(await assign(change([student.skuId, faculty.skuId]))).toMatchObject({ status: 200, body: { id: user.id } });
	expect(await taken()).toEqual([
		['STUDENT', 1, 2],
		['FACULTY', 1, 1],
	]);
	expect((await assign(change([student.skuId], [faculty.skuId]))).status).toBe(200);
	expect(await taken()).toEqual([
		['STUDENT', 1, 2],
		['FACULTY', 0, 1],
	]);
	const { body } = await ask<User>('GET', `/users/${user.id}?$select=assignedLicenses,licenseAssignmentStates`);
	expect(body.assignedLicenses).toEqual([{ skuId: student.skuId, disabledPlans: [] }]);
	expect(body.licenseAssignmentStates).toMatchObject([
		{ skuId: student.skuId, assignedByGroup: null, state: 'Active' },
	]);
	await ask('DELETE', `/users/${user.id}`);
	expect(await taken()).toEqual([
		['STUDENT', 0, 2],
		['FACULTY', 0, 1],
	]);
});

test.each([
	['without a usage location', undefined, change([student.skuId]), 'invalid usage location'],
	[
		'of a product that was never bought',
		'DE',
		change(['00000000-0000-4000-8000-000000000000']),
		'valid company License',
	],
	['that is not there to be removed', 'DE', change([], [student.skuId]), 'corresponding license'],
	['with one of the two lists only', 'DE', { body: { addLicenses: [] } }, 'removeLicenses'],
	['without the id of a product', 'DE', { body: { addLicenses: [null], removeLicenses: [] } }, 'skuId'],
])('a licence %s is refused', async (_, usageLocation, body, words) => {
	const { ask, makeUser } = await startTenant(options);
	const user = await makeUser(usageLocation === undefined ? {} : { usageLocation });
	const answer = await ask('POST', `/users/${user.id}/assignLicense`, body);
	expect(answer).toMatchObject(refusal(400, 'Request_BadRequest'));
	expect(JSON.stringify(answer.body)).toContain(words);
});

test('a product has as many seats as were bought, and none is taken twice by one user', async () => {
	const { ask, makeUser } = await startTenant(options);
	const users = [await makeUser({ usageLocation: 'DE' }), await makeUser({ usageLocation: 'DE' })];
	const assign = (at: number) => ask('POST', `/users/${users[at]?.id}/assignLicense`, change([faculty.skuId]));
	expect((await assign(0)).status).toBe(200);
	expect((await assign(0)).status).toBe(200);
	const refused = await assign(1);
	expect(refused).toMatchObject(refusal(400, 'Request_BadRequest'));
	expect(JSON.stringify(refused.body)).toContain('available licenses');
});

test('the organization tells its domains and country', async () => {
	const { ask, tenantId } = await startTenant(options);
	expect((await ask('GET', '/organization')).body).toMatchObject({
		value: [
			{
				id: tenantId,
				countryLetterCode: 'DE',
				verifiedDomains: [
					{ name: 'contoso.example', isDefault: true },
					{ name: 'b.example', isDefault: false },
				],
			},
		],
	});
});
