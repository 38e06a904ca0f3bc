import type { z } from 'zod';
import type { QueryShape } from '../odata/query-options.ts';
import { fileParam, type Operation, operations } from '../operations.ts';
import type { OperationDoc } from './operation-doc.ts';
import { operationDocs } from './operation-docs.ts';
import { batchRequestSchema, profileRequestSchema, responseSchemas } from './resource-schemas.ts';
import { componentSchemas, referenceTo } from './schema-components.ts';

/**
 * The API in OpenAPI 3.1, made of the table of operations and the schemas of the resources.
 * https://spec.openapis.org/oas/v3.1.1.html
 */
export function openApiDocument(serverUrl: string): object {
	return {
		openapi: '3.1.1',
		info: {
			title: 'Education synchronization profiles',
			version: 'beta',
			description:
				'Drop-in replacement for /education/synchronizationProfiles of Microsoft Graph. Paths are matched in any case; key form, namespace-qualified names and the roots of 2017 are accepted too.',
		},
		servers: [{ url: serverUrl }],
		security: [{ bearer: [] }],
		tags: Object.entries(tags).map(([name, description]) => ({ name, description })),
		paths: pathsOf(Object.values(operations)),
		components: {
			schemas: componentSchemas(),
			responses: Object.fromEntries(
				Object.entries(refusals).map(([status, description]) => [refusalName(status), errorAnswer(description)]),
			),
			securitySchemes: {
				bearer: {
					type: 'http',
					scheme: 'bearer',
					bearerFormat: 'JWT',
					description:
						'Delegated EduAdministration.Read or EduAdministration.ReadWrite, application EduAdministration.Read.All or EduAdministration.ReadWrite.All.',
				},
			},
		},
	};
}

const tags: Readonly<Record<OperationDoc['tag'], string>> = {
	profiles: 'Where rosters come from, and how they become users and classes.',
	sync: 'Uploading, verifying and syncing a roster.',
	errors: 'Rows that could not be synced, and why.',
	runs: 'What each sync did, and how far it is.',
	directory: 'The embedded directory, as Graph shows its own.',
};

/** Every status that an error may have, and what it means. */
const refusals = {
	400: 'Something in the request, or in the files, is wrong; details say what.',
	401: 'There is no valid access token.',
	403: 'The token does not allow it.',
	404: 'There is no such resource in this tenant.',
	409: 'The state of the profile does not allow it now.',
	412: 'What If-Match names is not what is there any more.',
	429: 'Too many requests; Retry-After says when to try again.',
	503: 'A service behind this one does not answer; Retry-After says when to try again.',
} as const;

const always = [401, 403, 429, 503] as const;

const refusalName = (status: string | number) => `refusal${status}`;

const refusalRef = (status: string | number) => ({ $ref: `#/components/responses/${refusalName(status)}` });

const json = (schema: object) => ({ 'application/json': { schema } });

const errorAnswer = (description: string) => ({ description, content: json(referenceTo(responseSchemas.odataError)) });

function pathsOf(all: readonly Operation[]): Record<string, object> {
	const paths: Record<string, Record<string, unknown>> = {};
	for (const operation of all) {
		const path = `/${operation.route}`;
		const names = [...operation.route.matchAll(/\{(\w+)\}/g)].map(([, name]) => name as string);
		paths[path] ??= names.length > 0 ? { parameters: names.map(pathParameter) } : {};
		paths[path][operation.method.toLowerCase()] = operationOf(operation);
	}
	return paths;
}

const pathParameter = (name: string) => ({
	name,
	in: 'path',
	required: true,
	schema: name === fileParam ? { type: 'string', example: 'student.csv' } : { type: 'string', format: 'uuid' },
});

function operationOf({ name, permission }: Operation): object {
	const doc: OperationDoc = operationDocs[name as keyof typeof operationDocs];
	const { success, takesProfile, takesBatch } = doc;
	const answers = [...doc.refusals, ...always].map((status) => [status, refusalRef(status)]);
	const scope = permission === 'read' ? 'EduAdministration.Read' : 'EduAdministration.ReadWrite';
	return {
		operationId: name,
		summary: doc.summary,
		description: `Needs ${scope}.`,
		tags: [doc.tag],
		...parametersOf(doc),
		...(takesProfile ? requestBody(profileRequestSchema) : {}),
		...(takesBatch ? requestBody(batchRequestSchema) : {}),
		responses: { [success.status]: successOf(doc), ...Object.fromEntries(answers), ...refusedStart(name) },
	};
}

function parametersOf(doc: OperationDoc): object {
	const parameters = [
		...(doc.query ? optionsOf(doc, doc.query).map(queryParameter) : []),
		...(doc.offersCsv ? [format] : []),
		...(doc.flags ?? []).map((name) => ({ name, in: 'query', schema: { type: 'boolean' } })),
		...Object.entries(doc.named ?? {}).map(namedParameter),
		...(doc.takesIfMatch ? [ifMatch] : []),
		...(doc.mayMatch ? [{ ...ifMatch, required: false }] : []),
	];
	return parameters.length > 0 ? { parameters } : {};
}

const namedParameter = ([name, description]: [string, string]) => ({
	name,
	in: 'query',
	description,
	schema: { type: 'string' },
});

const format = { name: '$format', in: 'query', schema: { type: 'string', enum: ['json', 'csv'] } };

const ifMatch = { name: 'If-Match', in: 'header', required: true, schema: { type: 'string' } };

const requestBody = (schema: z.ZodType) => ({ requestBody: { required: true, content: json(referenceTo(schema)) } });

const csv = { content: { 'text/csv': { schema: { type: 'string' } } } };

function successOf({ success: { body }, offersCsv }: OperationDoc): object {
	if (body === undefined) return { description: 'Done, or begun; the answer has no body.' };
	if (body === 'count') return { description: 'How many.', content: { 'text/plain': { schema: { type: 'integer' } } } };
	if (body === 'report') return { description: 'The findings.', ...csv };
	if (body === 'faultyRows') return { description: 'The rows, under the header of their file.', ...csv };
	const content = json(referenceTo(responseSchemas[body]));
	return { description: 'As asked.', content: offersCsv ? { ...content, ...csv.content } : content };
}

/** Its refusal has the messages beside the error. */
function refusedStart(name: string): object {
	if (name !== 'startProfile' && name !== 'resumeProfile') return {};
	return { 400: { description: refusals[400], content: json(referenceTo(responseSchemas.startRefusal)) } };
}

const text = { type: 'string' };
const optionTypes = {
	$filter: text,
	$orderby: text,
	$search: text,
	$top: { type: 'integer', minimum: 0, maximum: 999 },
	$skip: { type: 'integer', minimum: 0 },
	$skiptoken: text,
	$count: { type: 'boolean' },
	$select: text,
	$expand: text,
} as const;

type OptionName = keyof typeof optionTypes;

const queryOptions: Readonly<Record<QueryShape['kind'], readonly OptionName[]>> = {
	list: Object.keys(optionTypes) as OptionName[],
	pages: ['$filter', '$top', '$skiptoken', '$count', '$select', '$expand'],
	entity: ['$select', '$expand'],
	count: ['$filter', '$search'],
};

const optionsOf = ({ lacks = [] }: OperationDoc, query: QueryShape['kind']) =>
	queryOptions[query].filter((name) => !lacks.some((each) => each === name));

const queryParameter = (name: OptionName) => ({ name, in: 'query', schema: optionTypes[name] });
