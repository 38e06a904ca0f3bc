import { z } from 'zod';
import type { Customizations, EntityCustomization } from '../../../domain/profile.ts';
import { optionalColumnsOf } from '../../../domain/roster/format/columns.ts';
import { type RosterKind, rosterKinds } from '../../../domain/roster/format/kinds.ts';
import { namedObject, oncePerDirection, strings, time } from '../../openapi/described-shapes.ts';
import type { JsonObject } from '../../requests/request-body.ts';
import { flag, list, name, shape, withoutAbsent } from '../schema-shapes.ts';
import { never } from '../view.ts';

/** A client may leave a time out, send null, nothing, a date, or echo what .NET says for "never". */
function withoutNever(value: unknown): unknown {
	if (typeof value !== 'string') return value;
	const text = value.trim();
	if (text === '' || /^0001-01-01(T00:00:00|$)/.test(text)) return undefined;
	return /^\d{4}-\d\d-\d\d$/.test(text) ? `${text}T00:00:00Z` : text;
}

const startDate = z.preprocess(
	withoutNever,
	z.iso
		.datetime({ offset: true, local: true, error: 'must be a date and time such as "2026-09-01T00:00:00Z"' })
		// Without an offset it is UTC, whatever zone this machine is in.
		.transform((value) => (/(Z|[+-]\d\d:\d\d)$/.test(value) ? value : `${value}Z`))
		.optional(),
);

const entityCustomization = shape({
	optionalPropertiesToSync: list(name).optional(),
	synchronizationStartDate: startDate,
	isSyncDeferred: flag,
	allowDisplayNameUpdate: flag,
});

export const sentCustomizations = shape(
	Object.fromEntries(rosterKinds.map((kind) => [kind, entityCustomization.optional()])) as Record<
		RosterKind,
		z.ZodOptional<typeof entityCustomization>
	>,
);

export function customizationsOf(sent: z.infer<typeof sentCustomizations> = {}): Customizations {
	const customizations: Partial<Record<RosterKind, EntityCustomization>> = {};
	for (const kind of rosterKinds) {
		const { optionalPropertiesToSync: names, ...rest } = sent[kind] ?? {};
		if (!sent[kind]) continue;
		// The whole list is what we show where none was given; a client that sends it back has selected nothing.
		const isWholeList = names?.join('\n') === optionalColumnsOf(kind).join('\n');
		const selection = names && !isWholeList ? { optionalPropertiesToSync: names } : {};
		customizations[kind] = { ...selection, ...withoutAbsent(rest as EntityCustomization) };
	}
	return customizations;
}

/** All six kinds; a list that was not given is shown as what it means: every optional column, in header order. */
export function shownCustomizations(customizations: Customizations): JsonObject {
	return Object.fromEntries(rosterKinds.map((kind) => [kind, shownCustomization(kind, customizations[kind])]));
}

function shownCustomization(kind: RosterKind, customization: EntityCustomization | undefined): JsonObject {
	return {
		optionalPropertiesToSync: customization?.optionalPropertiesToSync ?? optionalColumnsOf(kind),
		synchronizationStartDate: customization?.synchronizationStartDate ?? never,
		isSyncDeferred: customization?.isSyncDeferred ?? false,
		allowDisplayNameUpdate: customization?.allowDisplayNameUpdate ?? false,
	};
}

export const describedCustomizations = oncePerDirection((direction) => {
	const customization = namedObject(
		{ direction, type: 'educationSynchronizationCustomization' },
		{},
		{
			optionalPropertiesToSync: strings.meta({ description: 'CSV header names. Absent in a request: all.' }),
			synchronizationStartDate: time,
			isSyncDeferred: z.boolean(),
			allowDisplayNameUpdate: z.boolean(),
		},
	);
	const all = Object.fromEntries(rosterKinds.map((kind) => [kind, customization]));
	return namedObject({ direction, type: 'educationSynchronizationCustomizations' }, {}, all);
});
