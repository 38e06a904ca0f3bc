import { z } from 'zod';

/** The named schemas of the OpenAPI description. What is registered here is referred to wherever it occurs. */
const components = z.registry<{ id: string }>();

const uriOf = (id: string) => `#/components/schemas/${id}`;

/** Gives a schema its name in the description. */
export function component<S extends z.ZodType>(id: string, schema: S): S {
	components.add(schema, { id });
	return schema;
}

export const typed = <T extends string>(name: T) => z.literal(`#microsoft.graph.${name}`);

/** Where the description has a schema. */
export const referenceTo = (schema: z.ZodType) => ({ $ref: uriOf(components.get(schema)?.id ?? '') });

/** All components as JSON Schema 2020-12, as OpenAPI 3.1 takes it. */
export function componentSchemas(): Record<string, object> {
	const { schemas } = z.toJSONSchema(components, {
		target: 'draft-2020-12',
		io: 'input',
		uri: uriOf,
		override({ zodSchema, jsonSchema }) {
			if (zodSchema instanceof z.ZodDiscriminatedUnion) Object.assign(jsonSchema, unionOf(zodSchema.def));
			// The range of JavaScript's numbers is nobody's business.
			if (jsonSchema.type === 'integer')
				Object.assign(jsonSchema, { format: 'int64', minimum: undefined, maximum: undefined });
		},
	});
	const bare = Object.entries(schemas).map(([id, { $schema: _, $id: __, ...schema }]) => [id, schema]);
	// As it is sent, without what was taken out above.
	return JSON.parse(JSON.stringify(Object.fromEntries(bare))) as Record<string, object>;
}

/** `oneOf` with a discriminator that maps every type to its component, as generators of clients want it. */
function unionOf({
	options,
	discriminator,
}: Pick<z.core.$ZodDiscriminatedUnionDef, 'options' | 'discriminator'>): object {
	const members = (options as readonly z.ZodObject[]).map((option) => {
		const [type] = (option.shape[discriminator] as z.ZodLiteral<string>).values;
		return [type as string, uriOf(components.get(option)?.id ?? '')] as const;
	});
	return {
		anyOf: undefined,
		oneOf: members.map(([, $ref]) => ({ $ref })),
		discriminator: { propertyName: discriminator, mapping: Object.fromEntries(members) },
	};
}
