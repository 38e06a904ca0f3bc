import {
	type HttpHandler,
	HttpRequest,
	type HttpRequestInit,
	type HttpResponseInit,
	InvocationContext,
} from '@azure/functions';
import { describe, expect, test } from 'vitest';
import { apiErrors, SyncApiError } from '../../src/domain/errors.ts';
import { type ApiHandler, endpoint, outage } from '../../src/http/endpoint.ts';
import { type Operation, operations } from '../../src/http/operations.ts';
import type { Access, Permission } from '../../src/http/requests/access.ts';
import { actor } from '../support/hosts/token-authority.ts';
import { ownTenant } from '../support/tenants.ts';

const guid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

function letIn(...permissions: Permission[]): () => Access {
	const caller = { tenantId: ownTenant, actorId: actor, permissions: new Set(permissions) };
	return () => ({ authenticate: async () => caller });
}

interface Answer {
	status: number | undefined;
	headers: Record<string, string>;
	error: { code: string; message: string; details?: unknown; innerError: Record<string, string> };
	response: HttpResponseInit;
	log: string[];
}

async function answerOf(handler: HttpHandler, init: Partial<HttpRequestInit> = {}): Promise<Answer> {
	const log: string[] = [];
	const context = new InvocationContext({
		functionName: 'createProfile',
		logHandler: (_, ...parts) => log.push(parts.join(' ')),
	});
	const request = new HttpRequest({
		method: 'POST',
		url: 'https://sds.example.org/beta/education/synchronizationProfiles',
		...init,
	});
	const response = (await handler(request, context)) as HttpResponseInit;
	const body = JSON.parse(JSON.stringify(response.jsonBody ?? {})) as { error: Answer['error'] };
	return {
		status: response.status,
		headers: response.headers as Record<string, string>,
		error: body.error,
		response,
		log,
	};
}

const serve = (handler: ApiHandler, access = letIn('read', 'write'), operation: Operation = operations.createProfile) =>
	endpoint(operation, access, handler);

const failing = (error: unknown) =>
	serve(async () => {
		throw error;
	});

describe('every answer', () => {
	test('has a request-id of its own', async () => {
		const handler = serve(async () => ({ jsonBody: { value: 1 } }));
		const [first, second] = [await answerOf(handler), await answerOf(handler)];
		expect(first.response.jsonBody).toEqual({ value: 1 });
		expect(first.headers['request-id']).toMatch(guid);
		expect(first.headers['request-id']).not.toBe(second.headers['request-id']);
	});

	test('echoes the client-request-id, also in an error', async () => {
		const headers = { 'client-request-id': 'my-request-7' };
		const ok = await answerOf(
			serve(async () => ({ status: 202, headers: { location: 'https://sds.example.org/x' } })),
			{ headers },
		);
		expect(ok.headers).toMatchObject({ 'client-request-id': 'my-request-7', location: 'https://sds.example.org/x' });
		const failed = await answerOf(failing(apiErrors.badRequest('No.')), { headers });
		expect(failed.headers['client-request-id']).toBe('my-request-7');
		expect(failed.error.innerError).toEqual({
			date: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d$/),
			'request-id': failed.headers['request-id'],
			'client-request-id': 'my-request-7',
		});
	});

	test.each([['a\tb'], ['x'.repeat(129)], ['ümlaut']])('leaves out a client-request-id like %j', async (id) => {
		const { headers } = await answerOf(failing(apiErrors.badRequest('No.')), { headers: { 'client-request-id': id } });
		expect(headers).not.toHaveProperty('client-request-id');
	});

	test('is not to be kept by a cache', async () => {
		expect((await answerOf(serve(async () => ({})))).headers['cache-control']).toBe('no-store');
	});
});

describe('an error', () => {
	test('that a service throws is shown with details, headers and what stands beside it', async () => {
		const extras = {
			details: [{ code: 'InvalidValue', message: 'Too long.', target: 'displayName' }],
			headers: { 'Retry-After': '5' },
			body: { value: ['message'] },
		};
		const { status, headers, error, response } = await answerOf(failing(new SyncApiError('Conflict', 'Busy.', extras)));
		expect([status, headers['Retry-After'], error]).toMatchObject([
			409,
			'5',
			{ code: 'Conflict', message: 'Busy.', details: extras.details },
		]);
		expect(response.jsonBody).toMatchObject({ value: ['message'] });
	});

	test('that nobody foresaw is a 500 whose words tell nothing', async () => {
		const { status, headers, error, log } = await answerOf(failing(new TypeError('x is not a function')));
		expect([status, error.code]).toEqual([500, 'InternalServerError']);
		expect(error.message).toBe(
			`Something went wrong on our side. Try again; if it stays so, report request-id "${headers['request-id']}".`,
		);
		expect(log).toEqual(['createProfile failed: TypeError x is not a function']);
	});

	const quoting: [string, unknown, string][] = [
		[
			'of storage',
			Object.assign(new Error('secret row'), { name: 'RestError', code: 'EntityTooLarge', statusCode: 400 }),
			'createProfile failed: RestError EntityTooLarge 400',
		],
		['of a parser', new SyntaxError('Unexpected token in secret'), 'createProfile failed: SyntaxError'],
		['that is none', 'secret', 'createProfile failed: Error'],
		['that is nothing', undefined, 'createProfile failed: Error'],
	];
	test.each(quoting)('%s is logged without its words, which may quote somebody', async (_, error, line) => {
		const answer = await answerOf(failing(error));
		expect([answer.status, answer.log]).toEqual([500, [line]]);
		expect(JSON.stringify(answer.response)).not.toContain('secret');
	});

	test.each([
		['storage that is overloaded', Object.assign(new Error('busy'), { name: 'RestError', statusCode: 503 })],
		['storage that is not there', Object.assign(new Error('refused'), { code: 'ECONNREFUSED' })],
	])('of %s is a 503 that says when to try again, and is logged', async (_, error) => {
		const { status, headers, error: body, log } = await answerOf(failing(error));
		expect([status, headers['Retry-After'], body.code]).toEqual([503, '10', 'ServiceUnavailable']);
		expect(log).toHaveLength(1);
	});

	test('behind one that says why is logged', async () => {
		const broken = Object.assign(new Error('secret'), { name: 'RestError', statusCode: 404 });
		const { status, log } = await answerOf(failing(outage(broken)));
		expect([status, log]).toEqual([503, ['createProfile failed: RestError 404']]);
	});

	test.each([
		['nothing', undefined],
		['headers that none can be', { headers: { location: 'a\nb' } }],
	])('is what a handler makes that returns %s', async (_, answer) => {
		const { status, error } = await answerOf(serve(async () => answer as HttpResponseInit));
		expect([status, error.code]).toEqual([500, 'InternalServerError']);
	});

	test('in the settings is a 500 as well, and the log says which setting', async () => {
		const handler = serve(
			async () => ({}),
			() => {
				throw new Error('Cannot start: AUTH_AUDIENCE is missing.');
			},
		);
		const { status, log } = await answerOf(handler);
		expect([status, log]).toEqual([500, ['createProfile failed: Error Cannot start: AUTH_AUDIENCE is missing.']]);
	});
});

describe('a caller', () => {
	test('without the permission of the operation never reaches the handler', async () => {
		let calls = 0;
		const handler = serve(async () => {
			calls++;
			return {};
		}, letIn('read'));
		const { status, headers, error } = await answerOf(handler);
		expect([status, error.code, calls]).toEqual([403, 'Forbidden', 0]);
		expect(headers['WWW-Authenticate']).toBe('Bearer error="insufficient_scope"');
	});

	test('is who the token says, whatever the headers of the platform say', async () => {
		let tenant: string | undefined;
		const handler = serve(async ({ caller }) => {
			tenant = caller.tenantId;
			return {};
		});
		const principal = Buffer.from(JSON.stringify({ claims: [{ typ: 'tid', val: 'other' }] })).toString('base64');
		await answerOf(handler, { headers: { 'x-ms-client-principal': principal, 'x-ms-client-principal-id': 'other' } });
		expect(tenant).toBe(ownTenant);
	});
});

describe('an id in the path', () => {
	const echo = serve(async ({ params }) => ({ jsonBody: params }), undefined, operations.getProfile);

	test('is a parameter only if the route names it: the platform puts options and members of the body beside it', async () => {
		const profileId = 'abcdef00-0000-7000-8000-000000000001';
		const params = { displayName: 'A', $top: '1', file: '../x', profileId };
		expect((await answerOf(echo, { params })).response.jsonBody).toEqual({ profileId });
		const none = await answerOf(
			serve(async (request) => ({ jsonBody: request.params })),
			{ params },
		);
		expect([none.status, none.response.jsonBody]).toEqual([undefined, {}]);
	});

	test('is found in the spelling that an option of its name has given it', async () => {
		const profileId = 'abcdef00-0000-7000-8000-000000000001';
		expect((await answerOf(echo, { params: { PROFILEID: profileId } })).response.jsonBody).toEqual({ profileId });
	});

	test('is compared without regard to case', async () => {
		const params = { profileId: 'ABCDEF00-0000-7000-8000-000000000001' };
		expect((await answerOf(echo, { params })).response.jsonBody).toEqual({
			profileId: 'abcdef00-0000-7000-8000-000000000001',
		});
	});

	test.each([
		"x' or 1 eq 1",
		'../other',
		'abcdef00000070008000000000000001',
		'',
		'{abcdef00-0000-7000-8000-000000000001}',
	])('that is no GUID (%j) names nothing', async (profileId) => {
		const { status, error } = await answerOf(echo, { params: { profileId } });
		expect([status, error.code]).toEqual([404, 'ResourceNotFound']);
	});
});

describe('a body', () => {
	const echo = serve(async ({ readBody }) => ({ jsonBody: await readBody() }));
	const json = { 'content-type': 'application/json' };
	const send = (text: string | Uint8Array, headers: Record<string, string> = json) =>
		answerOf(echo, { headers, body: typeof text === 'string' ? { string: text } : { bytes: text } });

	test.each([
		'application/json',
		'application/json; charset=utf-8',
		'APPLICATION/JSON;odata.metadata=minimal',
		'application/json;odata.metadata=minimal;odata.streaming=true;IEEE754Compatible=false;charset=utf-8',
		'application/merge-patch+json',
	])('of type %s is read', async (type) => {
		expect((await send('{"displayName":"Zoë"}', { 'content-type': type })).response.jsonBody).toEqual({
			displayName: 'Zoë',
		});
	});

	test('may begin with a byte order mark', async () => {
		expect((await send('\uFEFF{"a":1}')).response.jsonBody).toEqual({ a: 1 });
	});

	test.each([
		{},
		{ 'content-type': 'text/plain' },
		{ 'content-type': 'application/jsonp' },
		{ 'content-type': 'application/json-seq' },
		{ 'content-type': 'application/xml; charset=application/json' },
		{ 'content-type': 'text/json' },
	])('of another type (%j) is refused', async (headers) => {
		const { status, error } = await send('{}', headers as Record<string, string>);
		expect([status, error.code]).toEqual([415, 'UnsupportedMediaType']);
	});

	test.each(['', '{', '{"a":1,}', 'null', '[]', '"text"', '7'])(
		'that is no JSON object (%s) is refused',
		async (text) => {
			const { status, error } = await send(text);
			expect([status, error.code]).toEqual([400, 'BadRequest']);
		},
	);

	const named = (name: string) => `{"displayName":"${name}"}`;
	const latin1 = Buffer.from(named('Écoles Zürich'), 'latin1');
	const utf16 = Buffer.from(named('Écoles Zürich'), 'utf16le');

	test('that is no UTF-8 is refused, not repaired, and told that the charset is missing', async () => {
		const { status, error } = await send(latin1);
		expect([status, error.code, error.message]).toEqual([
			400,
			'BadRequest',
			expect.stringMatching(/^The body is not valid UTF-8, .* charset=iso-8859-1"\.$/),
		]);
	});

	test.each([
		['charset=iso-8859-1', latin1],
		['charset=ISO-8859-1', latin1],
		['charset="windows-1252"', latin1],
		['odata.metadata=minimal; Charset = latin1', latin1],
		['charset=utf-16', utf16],
		['charset=utf-16le', Buffer.concat([Buffer.from([0xff, 0xfe]), utf16])],
		['charset=utf-16', Buffer.concat([Buffer.from([0xfe, 0xff]), Buffer.from(utf16).swap16()])],
		['charset=utf-16be', Buffer.from(utf16).swap16()],
		['charset=utf-8', Buffer.from(named('Écoles Zürich'))],
		['charset=', Buffer.from(named('Écoles Zürich'))],
	])('is read in the charset that its type names: %s', async (parameter, bytes) => {
		const { response } = await send(bytes, { 'content-type': `application/json; ${parameter}` });
		expect(response.jsonBody).toEqual({ displayName: 'Écoles Zürich' });
	});

	test('in windows-1252 may have what Latin-1 has not', async () => {
		const bytes = Buffer.concat([Buffer.from('{"a":"'), Buffer.from([0x80, 0x93]), Buffer.from('"}')]);
		const { response } = await send(bytes, { 'content-type': 'application/json; charset=windows-1252' });
		expect(response.jsonBody).toEqual({ a: '€“' });
	});

	test.each(['utf-7', 'bogus', 'cp850', 'utf-32'])(
		'in a charset that nobody reads (%s) is refused by its name',
		async (charset) => {
			const { status, error } = await send('{}', { 'content-type': `application/json; charset=${charset}` });
			expect([status, error.code, error.message]).toEqual([
				415,
				'UnsupportedMediaType',
				expect.stringContaining(`"${charset}"`),
			]);
		},
	);

	test.each([
		['utf-8', latin1],
		['shift_jis', Buffer.from([0x7b, 0xc9, 0x80, 0xff])],
		['utf-16', utf16.subarray(1)],
	])('that is not in the charset it names (%s) is refused', async (charset, bytes) => {
		const { status, error } = await send(bytes, { 'content-type': `application/json; charset=${charset}` });
		expect([status, error.message]).toEqual([400, expect.stringContaining(`the charset "${charset}"`)]);
	});

	test('of more than a megabyte is refused, one of a megabyte is not', async () => {
		const ofLength = (bytes: number) => `{"a":"${'x'.repeat(bytes - 8)}"}`;
		expect((await send(ofLength(1_000_000))).status).toBeUndefined();
		const { status, error } = await send(ofLength(1_000_001));
		expect([status, error.code]).toEqual([413, 'RequestEntityTooLarge']);
	});
});
