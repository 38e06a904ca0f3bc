import { z } from 'zod';
import { type ProfileDefinition, profileStates, type SyncStatus } from '../../domain/profile.ts';
import { statusName, time } from '../openapi/described-shapes.ts';
import type { PropertyTable, Setting } from './property.ts';
import { flag, name, optionalDate } from './schema-shapes.ts';
import { calendar } from './values/calendar.ts';
import { describedCustomizations } from './values/customizations.ts';
import { dataProvider } from './values/data-provider.ts';
import { identity } from './values/identity.ts';
import { licenseAssignments } from './values/license-assignments.ts';
import { nextDue } from './values/next-due.ts';
import { notifications } from './values/notifications.ts';
import { safety } from './values/safety.ts';
import { never, shownStatus } from './view.ts';

/**
 * Every property of a profile, by the name that the domain gives it: what requests may send, what answers show, what the OpenAPI
 * description says and what queries may name all follow from here. What is complex has a file in `values`.
 * https://learn.microsoft.com/graph/api/resources/educationsynchronizationprofile?view=graph-rest-beta
 */

type Settings = { readonly [Key in keyof ProfileDefinition]-?: Setting<ProfileDefinition[Key]> };

export const profileProperties = {
	id: { shownOf: ({ id }) => id, described: () => z.string(), query: 'guid' },
	displayName: { input: name, described: () => z.string(), query: 'string', isSearchable: true },
	dataProvider: {
		...dataProvider,
		spellings: ['dataSource'],
		query: { '@odata.type': 'string', connectionUrl: 'string' },
	},
	identity: {
		...identity,
		wireName: 'identitySynchronizationConfiguration',
		spellings: ['identitySyncConfiguration'],
		nameOf2017: 'identitySyncConfiguration',
		query: { '@odata.type': 'string' },
	},
	licensesToAssign: licenseAssignments,
	handleSpecialCharacterConstraint: { input: flag, described: () => z.boolean(), query: 'boolean' },
	expirationDate: {
		input: optionalDate,
		shown: (date: string | undefined) => date ?? null,
		described: () => z.string().nullable().meta({ format: 'date' }),
		query: 'date',
	},
	safety,
	calendar,
	notifications,
	notificationStatus: {
		whenAbsent: 'hidden',
		shownOf: ({ notifications: wanted, noticeTrouble }) => wanted && (noticeTrouble?.state ?? 'on'),
		described: () => z.enum(['on', 'failing', 'stopped']),
		query: 'enum',
	},
	customizations: { within: 'dataProvider', described: describedCustomizations },
	state: { shownOf: ({ state }) => state, described: () => z.enum(profileStates), query: 'enum' },
	status: { wireName: 'syncStatus', shownOf: shownStatus, described: () => statusName, query: 'enum' },
	errorStatus: {
		shownOf: ({ status }) => errorStatuses[status] ?? 'none',
		described: () => z.enum(['none', 'error', 'validationError', 'quarantined']),
		query: 'enum',
	},
	lastSynchronizationDateTime: {
		wireName: 'lastSynchronizationTime',
		shownOf: (profile) => profile.lastSynchronizationDateTime ?? never,
		described: () => time,
		query: 'dateTimeOffset',
	},
	nextDue,
} as const satisfies PropertyTable & Settings;

const errorStatuses: Readonly<Partial<Record<SyncStatus, string>>> = {
	error: 'error',
	validationError: 'validationError',
	quarantined: 'quarantined',
};
