import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { operations } from '../src/http/operations.ts';
import { curlSteps, recipe, recipes } from './support/requests/recipes.ts';

/** What the text of a recipe tells without the program that it is for. */

const readme = await readFile(path.join(import.meta.dirname, '../README.md'), 'utf8');
const curl = await recipe('curl', 'sh');
const powerShell = await recipe('PowerShell', 'powershell');
const azCopy = await recipe('AzCopy', 'sh');
const javaScript = await recipe('Graph SDK for JavaScript', 'js');

const routes = new Map<string, string>(
	Object.values(operations).map(({ name, method, route }) => [`${method} /${route}`, name]),
);

/** The operation, or the request itself where it is none. */
const operationOf = (method: string, requested: string) =>
	routes.get(`${method} ${requested}`) ?? `${method} ${requested}`;

const collection = '/beta/education/synchronizationProfiles';
const own = `${collection}/{profileId}`;
const whatEachDoes = ['createProfile', 'getProfile', 'getProfileStatus', 'getUploadUrl', 'listErrors', 'startProfile'];

function curlRequests(): string[] {
	return curlSteps(curl).flatMap(({ args }) => {
		const requested = args.find((argument) => argument.startsWith('https://<api>'))?.slice('https://<api>'.length);
		if (requested === undefined) return [];
		const method = args.some((argument) => /^(-d|--data-binary)$/.test(argument)) ? 'POST' : 'GET';
		return [operationOf(method, requested.replace('<profile id>', '{profileId}'))];
	});
}

function powerShellRequests(): string[] {
	const calls = powerShell.matchAll(/Invoke-RestMethod (?:-Method (\w+) )?-Uri (\S+?)\)? /g);
	const assigned = powerShell.matchAll(/\$next = ("\S+")$/gm);
	return [...calls, ...[...assigned].map(([, uri]) => ['', 'Get', uri])].flatMap(([, method = 'Get', uri = '']) => {
		if (uri === '$target' || uri === '$next' || uri.includes('login.microsoftonline.com')) return [];
		const requested = uri.replaceAll('"', '').replace('$district', own).replace('$profiles', collection);
		return [operationOf(method.toUpperCase(), requested)];
	});
}

function javaScriptRequests(): string[] {
	return [...javaScript.matchAll(/graph\.api\((.+?)\)(?:\.top\(\d+\))?\.(\w+)\(/g)].map(
		([, argument = '', method = '']) => {
			const requested = argument.replace(/['`]/g, '').replace(/^(\$\{profile\}|profile\b)/, own);
			return operationOf(method.toUpperCase(), requested.replace(/^\/education/, '/beta/education'));
		},
	);
}

describe('each recipe', () => {
	test.each([
		['curl', curlRequests],
		['PowerShell', powerShellRequests],
		['Graph SDK', javaScriptRequests],
	])('asks for routes of the API, the same as the others: %s', (_, requests) => {
		expect([...new Set(requests())].sort()).toEqual(whatEachDoes);
	});

	test('is surrounded by prose that names routes only', async () => {
		const named = [...(await recipes()).matchAll(/`(GET|POST) …\/(\w+)`/g)];
		expect(named).not.toEqual([]);
		for (const [, method = '', part] of named) expect(whatEachDoes).toContain(operationOf(method, `${own}/${part}`));
	});

	test('is linked from the README', async () => {
		const headings = [...(await recipes()).matchAll(/^## (.+)$/gm)].map(([, heading = '']) => heading);
		const anchors = headings.map((heading) => heading.toLowerCase().replaceAll(' ', '-'));
		const links = [...readme.matchAll(/\(docs\/clients\.md#([\w-]+)\)/g)].map(([, anchor]) => anchor);
		expect(links).toEqual(anchors);
	});
});

/** Of both versions; 7 knows more. https://learn.microsoft.com/powershell/module/microsoft.powershell.utility/invoke-restmethod */
const parametersOfBoth = ['Method', 'Uri', 'Body', 'Headers', 'ContentType', 'InFile'];

/** Assigning to one of them changes what PowerShell itself does, or fails; case is free. */
const automaticVariables = /\$(args|error|home|host|input|matches|pid|profile|pwd|this|true|false)\b/i;

describe('the recipe for PowerShell', () => {
	test('has nothing that only version 7 understands', () => {
		expect(powerShell).not.toMatch(/&&|\|\||\?\?|\?\.|\?\[| \? /);
		const calls = powerShell.split('\n').filter((line) => line.includes('Invoke-RestMethod -'));
		const used = calls.flatMap((line) => [...line.matchAll(/ -([A-Z]\w+)/g)].map(([, name]) => name));
		expect(new Set(used)).toEqual(new Set(parametersOfBoth));
	});

	test('has nothing that version 5.1 reads otherwise: no letter beyond ASCII, no "$name?" or "$name:"', () => {
		expect(powerShell).toMatch(/^[\n\x20-\x7e]*$/);
		expect(powerShell).not.toMatch(/"[^"\n]*\$\w+[?:][^"\n]*"/);
	});

	test('leaves the variables of PowerShell itself alone', () => {
		expect([...powerShell.matchAll(/(\$\w+) = /g)].filter(([, name = '']) => automaticVariables.test(name))).toEqual(
			[],
		);
	});

	test('closes what it opens', () => {
		const open: string[] = [];
		const closing = new Map([...'})]'].map((sign, at) => [sign, '{(['[at]]));
		for (const [sign] of powerShell.replace(/'[^'\n]*'/g, "''").matchAll(/[{}()[\]]/g)) {
			const opening = closing.get(sign);
			if (opening === undefined) open.push(sign);
			else expect(open.pop()).toBe(opening);
		}
		expect(open).toEqual([]);
		expect((powerShell.match(/"/g) ?? []).length % 2).toBe(0);
	});

	test('creates the profile that the recipe for curl creates', async () => {
		const literal = /^\$definition = (@\{\n[\s\S]*?\n\})$/m.exec(powerShell)?.[1] ?? '';
		const json = literal
			.replace(/'?([@.\w]+)'?\s*= /g, '"$1": ')
			.replace(/'/g, '"')
			.replace(/;/g, ',')
			.replaceAll('@{', '{')
			.replace(/@\(([^)]*)\)/g, '[$1]')
			.replace(/(["}\]])\n(?=\s*["{])/g, '$1,\n');
		expect(JSON.parse(json)).toEqual(JSON.parse(await recipe('curl', 'json')));
	});
});

describe('the recipe for AzCopy', () => {
	test('is one command with what a URL that may only write needs, and nothing that reads', async () => {
		const commands = [
			azCopy.trimEnd(),
			...[...(await recipes()).matchAll(/`(azcopy copy [^`]+)`/g)].map(([, command]) => command),
		];
		expect(commands).toHaveLength(2);
		for (const command of commands) {
			expect(command).toMatch(
				/^azcopy copy "<folder>(?:\/\*\.csv)?" "<upload url>"(?: --recursive)? --check-length=false$/,
			);
		}
	});
});
