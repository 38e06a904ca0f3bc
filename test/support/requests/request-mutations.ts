import type { Random } from '../../../bench/random.ts';
import { type Operation, operations } from '../../../src/http/operations.ts';

/** A request as a hostile or broken client might send it. */
export interface OddRequest {
	method: string;
	/** Path and query, not necessarily well formed. */
	target: string;
	headers: Record<string, string>;
	body?: string;
	/** Instead of a good token: what becomes of it. */
	spoilToken?: (token: string) => string;
}

export interface Ids {
	profileId: string;
	errorId: string;
}

type Mutation = (text: string, random: Random) => string;

const at = (text: string, random: Random) => random.below(text.length + 1);

const splices = [
	"'",
	'"',
	'%',
	'%00',
	'%27',
	'%2e%2e/',
	'%ff',
	'/',
	'//',
	'\\',
	'(',
	')',
	"('",
	"')",
	'$',
	'&',
	'=',
	'#',
	'?',
	';',
	'{}',
	'null',
	'true',
	'-1',
	'9'.repeat(40),
	'1e400',
	'__proto__',
	'constructor',
	'ſ',
	'😀',
	' ',
	'+',
	'a'.repeat(300),
	'((((((((((((((((((((',
	'not '.repeat(60),
	'0001-01-01T00:00:00Z',
	'microsoft.graph.',
	'$count',
	'start',
];

const textMutations: readonly Mutation[] = [
	(text, random) => text.slice(0, at(text, random)),
	(text, random) => {
		const place = at(text, random);
		return text.slice(0, place) + random.pick(splices) + text.slice(place);
	},
	(text, random) => {
		const place = at(text, random);
		return text.slice(0, place) + text.slice(place + 1 + random.below(8));
	},
	(text, random) => {
		const place = at(text, random);
		return text.slice(0, place) + String.fromCharCode(32 + random.below(95)) + text.slice(place + 1);
	},
	(text) => text.toUpperCase(),
	(text, random) => text + text.slice(at(text, random)),
];

function mutated(text: string, random: Random): string {
	let result = text;
	for (let times = 1 + random.below(3); times > 0; times--) result = random.pick(textMutations)(result, random);
	return result;
}

const roots = ['/beta/education', '/beta', '', '/testsds', '/testeduapi', '/BETA/Education'];

const queries = [
	'$top=5',
	'$skip=3',
	'$count=true',
	'$filter=startswith(displayName,%27Con%27) and state eq %27provisioned%27',
	"$filter=errorCode eq 'None' or not (recordedDateTime lt 2026-01-01T00:00:00Z)",
	"$filter=id in ('a','b')",
	'$orderby=displayName desc,id',
	'$select=id,displayName',
	'$expand=errors,profileStatus',
	'$search="Contoso"',
	'$skiptoken=abcdefghMTIz',
	'skipToken=eyJGaWxlTmFtZSI6IngiLCJTa2lwRW50cmllcyI6OTl9',
	'$format=json',
	'user=P1&class=C1',
	'$format=csv',
	'dryRun=true',
	'dryRun=perhaps',
	"$filter=kind eq 'student' and operation eq 'add'",
];

function pathOf({ route }: Operation, { profileId, errorId }: Ids, random: Random): string {
	if (route.endsWith('$batch')) return `${random.pick(roots).replace('/education', '')}/$batch`;
	const below = route
		.split('/')
		.slice(2)
		.join('/')
		.replace('{profileId}', profileId)
		.replace('{errorId}', errorId)
		.replace(/\{\w+\}/g, profileId);
	const keyed = random.chance(0.2) ? below.replace(/\/([0-9a-f-]{36})/i, "('$1')") : below;
	return `${random.pick(roots)}/${keyed}`;
}

const values: readonly unknown[] = [
	null,
	true,
	0,
	-1,
	1e308,
	'',
	'x',
	'ſ😀\u0000',
	'a'.repeat(5_000),
	[],
	{},
	[[[[[]]]]],
	{ '@odata.type': '#microsoft.graph.educationCsvDataProvider' },
	{ '@odata.type': 7 },
	JSON.parse('{"__proto__":{"polluted":true}}'),
	'2026-02-31',
	'9999-12-31T23:59:59Z',
];

/** The same with one value, somewhere, another one. */
function mutatedJson(value: unknown, random: Random): unknown {
	if (typeof value !== 'object' || value === null || random.chance(0.15)) return random.pick(values);
	const entries = Object.entries(value);
	const chosen = random.below(entries.length + 1);
	const changed = entries.flatMap(([name, each], place) => {
		if (place !== chosen) return [[name, each] as const];
		if (random.chance(0.15)) return [];
		return [[random.chance(0.15) ? mutated(name, random) : name, mutatedJson(each, random)] as const];
	});
	if (chosen === entries.length) changed.push([random.pick(splices), random.pick(values)]);
	return Array.isArray(value) ? changed.map(([, each]) => each) : Object.fromEntries(changed);
}

function bodyOf(good: readonly object[], random: Random): string {
	const json = random.chance(0.9) ? mutatedJson(random.pick(good), random) : random.pick(good);
	const text = JSON.stringify(json) ?? 'undefined';
	return random.chance(0.15) ? mutated(text, random) : text;
}

const oddHeaders: readonly Record<string, string>[] = [
	{ 'content-type': 'text/plain' },
	{ 'content-type': 'application/json; charset=utf-16' },
	{ 'client-request-id': 'x'.repeat(500) },
	{ 'client-request-id': 'a b' },
	{ prefer: 'include-unknown-enum-members, odata.maxpagesize=-1' },
	{ accept: 'image/png' },
	{ 'if-match': '*' },
	{ authorization: 'Basic Zm9vOmJhcg==' },
	{ authorization: 'Bearer' },
];

const tokenSpoilers: readonly ((token: string, random: Random) => string)[] = [
	(token, random) => mutated(token, random),
	(token) => token.split('.').slice(0, 2).join('.'),
	(token) => `${Buffer.from('{"alg":"none","typ":"JWT"}').toString('base64url')}.${token.split('.')[1]}.`,
	(token) => token.replace(/\.[^.]*\./, `.${Buffer.from('{"tid":"x"}').toString('base64url')}.`),
];

const methods = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE'] as const;

/** A good request of some operation with one or more of its parts spoilt. `bodies` are good ones. */
export function oddRequest(random: Random, ids: Ids, bodies: readonly object[]): OddRequest {
	const operation = random.pick(Object.values(operations) as readonly Operation[]);
	const path = pathOf(operation, ids, random);
	const query = random.chance(0.6)
		? `?${random.pick(queries)}${random.chance(0.3) ? `&${random.pick(queries)}` : ''}`
		: '';
	const target = random.chance(0.5) ? path + query : mutated(path + query, random);
	const method = random.chance(0.9) ? operation.method : random.pick(methods);
	const spoiler = random.chance(0.1) ? random.pick(tokenSpoilers) : undefined;
	return {
		method,
		target: target.startsWith('/') ? target : `/${target}`,
		headers: random.chance(0.15) ? random.pick(oddHeaders) : {},
		...(method === 'GET' || method === 'DELETE' ? {} : { body: bodyOf(bodies, random) }),
		...(spoiler ? { spoilToken: (token: string) => spoiler(token, random) } : {}),
	};
}
