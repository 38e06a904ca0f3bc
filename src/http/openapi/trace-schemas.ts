import { z } from 'zod';
import { severities } from '../../domain/roster/findings/verdict.ts';
import { membershipKinds } from '../../domain/sync/sync-kinds.ts';
import { component } from './schema-components.ts';

/** What a trace answers, for the OpenAPI description. */

const row = component(
	'traceRow',
	z.strictObject({
		fileName: z.string(),
		line: z.int(),
		verdict: z
			.enum(['sound', 'warning', 'error', 'unknown'])
			.meta({ description: '`unknown`: the report does not list every finding.' }),
		values: z
			.array(component('traceValue', z.strictObject({ column: z.string(), value: z.string() })))
			.meta({ description: 'Without passwords and birth dates.' }),
	}),
);

const finding = component(
	'traceFinding',
	z.strictObject({
		fileName: z.string(),
		line: z.int(),
		column: z.string().optional(),
		value: z.string().optional(),
		severity: z.enum(severities),
		reason: z.string(),
		cure: z.string(),
	}),
);

const group = { id: z.string(), externalId: z.string().optional(), displayName: z.string().optional() };

const directoryObject = component(
	'traceDirectoryObject',
	z.strictObject({
		...group,
		userPrincipalName: z.string().optional(),
		schools: z.array(component('traceSchool', z.strictObject(group))).optional(),
		classes: z
			.array(component('traceClass', z.strictObject({ ...group, role: z.enum(['student', 'teacher']) })))
			.optional(),
	}),
);

const counts = component('traceMemberCounts', z.strictObject({ students: z.int(), teachers: z.int() }));

/** `errors` are those of the error resource. */
export function traceSchema(synchronizationError: z.ZodType) {
	const traced = {
		rows: z.array(row).meta({ description: 'Of the files that were accepted last, at most 100.' }),
		rowCount: z.int(),
		findings: z.array(finding).meta({ description: 'Of the last verification.' }),
		errors: z.array(synchronizationError).meta({ description: 'Of the last run.' }),
	};
	const record = component(
		'traceRecord',
		z.strictObject({
			kind: z.enum(['school', 'section', 'student', 'teacher']),
			sisId: z.string(),
			...traced,
			history: component(
				'traceHistory',
				z.strictObject({
					state: z.enum(['synced', 'incomplete', 'inactive', 'unknown', 'notSynced']),
					directoryId: z.string().optional(),
				}),
			),
			newId: component('traceNewId', z.strictObject({ heldByRunId: z.string(), from: z.string(), to: z.string() }))
				.optional()
				.meta({ description: 'One SIS id is to take the place of another, once somebody approves.' }),
			directory: directoryObject.optional(),
			members: component('traceMembers', z.strictObject({ rows: counts, directory: counts })).optional(),
		}),
	);
	const membership = component(
		'traceMembership',
		z.strictObject({
			kind: z.enum(membershipKinds),
			group: z.string().meta({ description: 'SIS id of the class or school.' }),
			person: z.string().meta({ description: 'SIS id.' }),
			...traced,
			history: z.enum(['there', 'unknown', 'found', 'notSynced']),
			heldByRunId: z.string().optional().meta({ description: 'The run that holds its removal.' }),
			isInDirectory: z.boolean(),
		}),
	);
	return component(
		'trace',
		z.strictObject({
			'@odata.context': z.string().optional(),
			conclusions: z.array(z.string()).meta({ description: 'The answer, in plain sentences.' }),
			acceptedRunId: z.string().optional(),
			latestRunId: z.string().optional(),
			people: z.array(record),
			classes: z.array(record),
			schools: z.array(record),
			memberships: z.array(membership),
		}),
	);
}
