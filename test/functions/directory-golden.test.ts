import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { operationDocs } from '../../src/http/openapi/operation-docs.ts';
import { operations } from '../../src/http/operations.ts';
import { type ApiUnderTest, serviceUrl, startApi } from '../support/hosts/api-under-test.ts';
import { fillSmallDirectory, type SmallDirectory } from '../support/rosters/small-directory.ts';
import { appDeps } from '../support/worlds/stores.ts';

/**
 * One request and its answer for every operation of the directory, beside those of the profiles in `golden/graph`; ids are made of
 * source ids and so the same each time. `npx vitest run golden -u` writes them anew.
 */

let api: ApiUnderTest;
let directory: SmallDirectory;

beforeAll(async () => {
	api = await startApi();
	directory = await fillSmallDirectory(appDeps().directory);
});

afterAll(() => api?.stop());

const paths = ({ schools: [north], classes: [maths], users: [zoe, , ada] }: SmallDirectory) => ({
	listSchools: 'schools?$top=1&$count=true',
	countSchools: "schools/$count?$filter=startswith(displayName,'north')",
	getSchool: `schools/${north}`,
	listSchoolClasses: `schools/${north}/classes`,
	countSchoolClasses: `schools/${north}/classes/$count`,
	listSchoolUsers: `schools/${north}/users?$select=displayName,primaryRole`,
	countSchoolUsers: `schools/${north}/users/$count`,
	listClasses: 'classes?$expand=schools',
	countClasses: 'classes/$count',
	getClass: `classes/${maths}`,
	listClassSchools: `classes/${maths}/schools`,
	countClassSchools: `classes/${maths}/schools/$count`,
	listClassMembers: `classes/${maths}/members?$select=id`,
	countClassMembers: `classes/${maths}/members/$count`,
	listClassTeachers: `classes/${maths}/teachers`,
	countClassTeachers: `classes/${maths}/teachers/$count`,
	listUsers: "users?$filter=userPrincipalName eq 'zoe@example.org'",
	countUsers: 'users/$count',
	getUser: `users/${zoe}?$expand=schools`,
	listUserSchools: `users/${ada}/schools`,
	countUserSchools: `users/${ada}/schools/$count`,
	listUserClasses: `users/${zoe}/classes`,
	countUserClasses: `users/${zoe}/classes/$count`,
	listUserTaughtClasses: `users/${ada}/taughtClasses`,
	countUserTaughtClasses: `users/${ada}/taughtClasses/$count`,
	'listUsers-ordered': 'users?$orderby=displayName',
	'listUsers-skipped': 'users?$skip=10',
	'listUsers-other-filter': "users?$filter=contains(displayName,'a')",
	'listUserClasses-unknown': 'users/00000000-0000-4000-8000-000000000000/classes',
});

const directoryOperations = Object.values(operations).filter(
	({ name }) => operationDocs[name as keyof typeof operationDocs].tag === 'directory',
);

describe('the directory, as files to read', () => {
	test('is all of its operations', () => {
		expect(Object.keys(paths(directory))).toEqual(expect.arrayContaining(directoryOperations.map(({ name }) => name)));
	});

	test('answers as it did', async () => {
		for (const [name, path] of Object.entries(paths(directory))) {
			const { status, headers, body, text } = await api.call(`${serviceUrl}/beta/education/${path}`);
			const shown = Object.fromEntries(Object.entries(headers).filter(([each]) => each === 'content-type'));
			const pair = {
				request: { method: 'GET', path: `/beta/education/${path}` },
				response: { status, headers: shown, body: text ?? body },
			};
			const stable = JSON.stringify(pair, null, 2)
				.replaceAll(/"request-id": "[^"]+"/g, '"request-id": "<request id>"')
				.replaceAll(/"date": "[^"]+"/g, '"date": "<time>"')
				.replaceAll(/(\$skiptoken)=[\w%-]+/g, '$1=<opaque>');
			await expect(`${stable}\n`).toMatchFileSnapshot(`./golden/graph/${name}.json`);
		}
	});
});
