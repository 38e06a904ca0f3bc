import { createHash } from 'node:crypto';
import type { RekeyedObject } from '../../../domain/directory.ts';
import { quoted } from '../../table-pages.ts';

/** Enough partitions to use what an account gives: one takes 2,000 entities a second, the account 20,000. */
const sliceCount = 16;

/**
 * A GUID (version 8, RFC 9562) made of what identifies an object, such as `Student_13001`: the same record gets the same id
 * in every run, so a put can be repeated.
 */
export function directoryId(tenantId: string, anchor: string): string {
	const digits = createHash('sha256').update(`${tenantId}\n${anchor}`).digest('hex').slice(0, 32).split('');
	digits[12] = '8';
	digits[16] = '8';
	const hex = digits.join('');
	return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join('-');
}

/** What identifies an object of a source. */
export const anchorOf = (kind: RekeyedObject['kind'], externalId: string) => `${anchorNames[kind]}_${externalId}`;

const anchorNames = { school: 'School', section: 'Section', student: 'Student', teacher: 'Teacher' } as const;

/** The partition of an object, by its id. */
export function partitionOf(tenantId: string, id: string): string {
	return slicePartition(tenantId, id.charAt(0));
}

/** The partition of the objects whose ids begin with a digit. */
export const slicePartition = (tenantId: string, digit: string) => `${tenantId}|${digit}`;

/** Every partition of a tenant, as a filter. */
function tenantRange(tenantId: string): string {
	return `PartitionKey ge '${tenantId}|' and ${beforeEnd(tenantId)}`;
}

/** A part of a tenant's objects; all parts together are in order of ids. */
export interface KeyRange {
	filter: string;
	/** An id that nothing in the range comes after. */
	end: string;
}

export const firstDigits: readonly string[] = [...'0123456789abcdef'];
const endOf = (digit: string) => `${digit}fffffff-ffff-ffff-ffff-ffffffffffff`;
export const endOfTenant = endOf('f');

/** Everything whose key comes after `key`, a row key that begins with an id, in as few queries as there can be. */
export function rangesAfter(tenantId: string, key: string | undefined): KeyRange[] {
	if (key === undefined) return [{ filter: tenantRange(tenantId), end: endOfTenant }];
	const partition = partitionOf(tenantId, key);
	const rest = {
		filter: `PartitionKey eq ${quoted(partition)} and RowKey gt ${quoted(key)}`,
		end: endOf(key.charAt(0)),
	};
	const others = { filter: `PartitionKey gt ${quoted(partition)} and ${beforeEnd(tenantId)}`, end: endOfTenant };
	return rest.end === endOfTenant ? [rest] : [rest, others];
}

/** The same, one query for each partition: so that a query which finds nothing ends at a place that is known. */
export function partitionsAfter(tenantId: string, key: string | undefined): KeyRange[] {
	const digits = firstDigits.filter((digit) => key === undefined || digit >= key.charAt(0));
	return digits.map((digit) => {
		const after = key?.startsWith(digit) ? ` and RowKey gt ${quoted(key)}` : '';
		return { filter: `PartitionKey eq ${quoted(`${tenantId}|${digit}`)}${after}`, end: endOf(digit) };
	});
}

const beforeEnd = (tenantId: string) => `PartitionKey lt '${tenantId}|~'`;

/** Where a sign-in name is kept: by its part before the `@`, so that one range of one partition holds a nickname's names. */
export function namePartition(tenantId: string, name: string): string {
	const nickname = name.toLowerCase().split('@')[0] as string;
	const slice = createHash('sha256').update(nickname).digest().readUInt8(0) % sliceCount;
	return `${tenantId}|${slice.toString(16)}`;
}

/** A name as a row key: lower case, with what keys cannot hold written as `=` and two hexadecimal digits a byte. */
export function nameKey(name: string): string {
	return name
		.toLowerCase()
		.replace(/[^a-z0-9@._-]/gu, (character) =>
			[...Buffer.from(character)].map((byte) => `=${byte.toString(16).padStart(2, '0')}`).join(''),
		);
}
