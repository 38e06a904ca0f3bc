import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import type { ProfileDefinition } from '../../../src/domain/profile.ts';
import { dialectOf, in2017Dialect } from '../../../src/http/answers/dialect-2017.ts';
import { project } from '../../../src/http/odata/projection.ts';
import { readQuery } from '../../../src/http/odata/query-options.ts';
import { namedObject, uri, writeOnly } from '../../../src/http/openapi/described-shapes.ts';
import { applyProfilePatch, readProfile, readReplacement } from '../../../src/http/profile/profile-body.ts';
import { sentMembers, shownMembers } from '../../../src/http/profile/profile-description.ts';
import { profileQuery } from '../../../src/http/profile/profile-query.ts';
import { definitionResource, profileResource } from '../../../src/http/profile/profile-resource.ts';
import { profileProperties } from '../../../src/http/profile/properties.ts';
import {
	type ProfileProperty,
	type PropertyTable,
	type Setting,
	wireNameOf,
} from '../../../src/http/profile/property.ts';
import { optional, shape } from '../../../src/http/profile/schema-shapes.ts';
import { serverUrl } from '../../../src/http/profile/values/server-url.ts';
import { refusal } from '../../support/requests/refusal.ts';
import { profile, profileBody } from '../../support/rosters/profile-builder.ts';

/** An extension as it might come: a member of an enum, which may be left out and then is nowhere. */
const mood: Setting<string | undefined> = {
	wireName: 'schoolMood',
	spellings: ['oldMood'],
	whenAbsent: 'hidden',
	input: z.enum(['calm', 'lively'], { error: 'must be "calm" or "lively"' }),
	described: () => z.enum(['calm', 'lively']),
	query: 'enum',
};

interface Courier {
	url: string;
}

const sentCourier = shape({ url: serverUrl, secret: optional(z.string().max(9)) });

/** A complex one, with a member that is never shown. */
const courier: Setting<Courier | undefined> = {
	whenAbsent: 'hidden',
	input: sentCourier.transform(({ url }) => ({ url })),
	secrets: optional(sentCourier).transform((sent) => (sent?.secret ? { clientSecret: sent.secret } : {})),
	described: (direction) => namedObject({ direction, type: 'courier' }, { url: uri }, writeOnly(direction, 'secret')),
	query: { url: 'string' },
};

const motto: Setting<string | undefined> = {
	whenAbsent: 'hidden',
	input: z.string(),
	described: () => z.string(),
	query: 'string',
	isSearchable: true,
};

const table: PropertyTable = { ...profileProperties, mood, courier, motto };
const url = 'https://courier.example.org/';
const withAll = profileBody({ schoolMood: 'calm', courier: { url }, motto: 'Onwards' });
const definition = readProfile(withAll, table).definition;
const view = { now: new Date('2026-03-02T10:00:00Z'), knowsAllEnumMembers: false };
const shown = (of: ProfileDefinition) => profileResource({ ...profile(), ...of }, view, table);

describe('one entry of the table is enough for a property', () => {
	test('to be read, by each of its names in any case', () => {
		for (const name of ['schoolMood', 'SCHOOLMOOD', 'oldMood', 'mood'])
			expect(readProfile(profileBody({ [name]: 'lively' }), table).definition).toMatchObject({ mood: 'lively' });
		expect(definition).toMatchObject({ mood: 'calm', courier: { url }, motto: 'Onwards' });
	});

	test('to be refused, by the name that clients know and without its secret', () => {
		const body = profileBody({ mood: 'grim', courier: { url: 'http://x', secret: 'too long a secret' } });
		const { details } = refusal(() => readProfile(body, table)).extras;
		expect(details?.map(({ target, message }) => [target, message])).toEqual([
			['schoolMood', '"schoolMood" is "grim", and it must be "calm" or "lively".'],
			['courier/url', expect.stringContaining('must be an https URL')],
			['courier/secret', '"courier/secret" is a secret, and it must have at most 9 characters.'],
		]);
	});

	test('to be shown', () => {
		expect(shown(definition)).toMatchObject({ schoolMood: 'calm', courier: { url }, motto: 'Onwards' });
	});

	test('to be hidden where nobody set it', () => {
		const members = Object.keys(shown(readProfile(profileBody(), table).definition));
		expect(members).toEqual(Object.keys(profileResource(profile(), view)));
	});

	test('to be sent back as it was shown without changing anything', () => {
		expect(shown(readReplacement(definition, shown(definition), table).definition)).toEqual(shown(definition));
	});

	test('to hand over its secret apart', () => {
		const input = readProfile(profileBody({ courier: { url, secret: 'hush' } }), table);
		expect(input).toEqual({ definition: expect.objectContaining({ courier: { url } }), clientSecret: 'hush' });
		const patched = applyProfilePatch(definition, { courier: { secret: 'hush' } }, table);
		expect(patched.clientSecret).toBe('hush');
		expect(shown(patched.definition)).toEqual(shown(definition));
	});

	test('to be changed by PATCH, which leaves what it does not name', () => {
		const patched = applyProfilePatch(definition, { oldMood: 'lively' }, table).definition;
		expect(definitionResource(patched, table)).toEqual({
			...definitionResource(definition, table),
			schoolMood: 'lively',
		});
	});

	test.each(['schoolMood', 'courier', 'motto'])('to be cleared by PATCH with null: %s', (name) => {
		const patched = applyProfilePatch(definition, { [name]: null }, table).definition;
		const { [name]: _, ...rest } = definitionResource(definition, table);
		expect(definitionResource(patched, table)).toEqual(rest);
		expect(Object.keys(patched)).toHaveLength(Object.keys(definition).length - 1);
	});

	test('to be described: what is shown may lack it, and the secret is only sent', () => {
		const described = (members: z.ZodRawShape) => z.toJSONSchema(z.object(members), { io: 'input' });
		const { properties, required } = described(shownMembers(table));
		expect(properties).toMatchObject({
			schoolMood: { enum: ['calm', 'lively'] },
			courier: { properties: { url: { format: 'uri' } } },
			motto: { type: 'string' },
		});
		expect(JSON.stringify(properties?.courier)).not.toContain('secret');
		const always = Object.entries<ProfileProperty>(profileProperties).filter(
			([, property]) => !('whenAbsent' in property),
		);
		expect(required).toEqual(always.map(([key, property]) => wireNameOf(key, property)));
		expect(described(sentMembers(table)).properties).toMatchObject({
			schoolMood: { enum: ['calm', 'lively'] },
			courier: { properties: { secret: { writeOnly: true } }, required: ['url'] },
		});
	});

	test('to be asked for', () => {
		const ask = (options: Record<string, string>) =>
			readQuery(new URLSearchParams(options), { kind: 'list', ...profileQuery(table) });
		const json = shown(definition);
		for (const filter of ["schoolMood eq 'Calm'", `courier/url eq '${url}'`, "startswith(motto,'On')"])
			expect(ask({ $filter: filter }).filter?.(json), filter).toBe(true);
		expect(ask({ $search: '"onwards"' }).search?.(json)).toBe(true);
		expect(ask({ $orderby: 'schoolMood desc' }).orderBy).toMatchObject([{ path: 'schoolMood', descending: true }]);
		expect(project(json, ask({ $select: 'courier,schoolMood' }))).toEqual({ schoolMood: 'calm', courier: { url } });
	});

	test('to be shown in the dialect of 2017', () => {
		expect(in2017Dialect(shown(definition), 'pascal', dialectOf(table))).toMatchObject({
			schoolMood: 'Calm',
			motto: 'Onwards',
		});
	});
});
