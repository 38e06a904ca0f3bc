/** A template as the Bicep compiler writes it, with symbolic names. */
export interface Template {
	parameters?: Record<string, Parameter>;
	definitions?: Record<string, { properties?: Record<string, unknown> }>;
	variables?: Record<string, unknown>;
	resources: Record<string, Resource>;
	outputs?: Record<string, { type?: string; value?: unknown; $ref?: string }>;
}

interface Parameter {
	type?: string;
	$ref?: string;
	defaultValue?: unknown;
	nullable?: boolean;
}

export interface Resource {
	type: string;
	apiVersion: string;
	existing?: boolean;
	name?: string;
	scope?: string;
	properties?: Record<string, unknown>;
	[member: string]: unknown;
}

export interface Placed {
	/** As `main/app/plan`: where somebody who reads a finding looks. */
	path: string;
	resource: Resource;
	template: Template;
}

/** The resources of a template and, within them, those of every module, the modules themselves too. */
export function resourcesOf(template: Template, path = 'main'): Placed[] {
	return Object.entries(template.resources).flatMap(([name, resource]) => {
		const own = { path: `${path}/${name}`, resource, template };
		const nested = moduleOf(resource);
		return nested ? [own, ...resourcesOf(nested, own.path)] : [own];
	});
}

export const moduleOf = (resource: Resource): Template | undefined =>
	resource.type === 'Microsoft.Resources/deployments' ? (resource.properties?.template as Template) : undefined;

/** Every template with the path that leads to it. */
export function templatesOf(template: Template): { path: string; template: Template }[] {
	const modules = resourcesOf(template).flatMap(({ path, resource }) => {
		const nested = moduleOf(resource);
		return nested ? [{ path, template: nested }] : [];
	});
	return [{ path: 'main', template }, ...modules];
}

/** Every text in a value with the members that lead to it. */
export function textsOf(value: unknown, path = ''): { path: string; text: string }[] {
	if (typeof value === 'string') return [{ path, text: value }];
	if (typeof value !== 'object' || value === null) return [];
	return Object.entries(value).flatMap(([name, part]) => textsOf(part, path ? `${path}.${name}` : name));
}
