import { isBuiltin } from 'node:module';
import { parseAst } from 'rolldown/parseAst';

interface Node {
	type: string;
	[name: string]: unknown;
}

/**
 * What a bundle asks Node for beside the built-in modules, in order: static and lazy imports and every `require`, also those in
 * branches that no test takes. What is not written out, so that only the run decides, is shown as `<computed>`.
 */
export function foreignImports(code: string): string[] {
	const asked = new Set<string>();
	visit(parseAst(code) as unknown as Node, (node) => {
		for (const source of sourcesOf(node)) asked.add(textOf(source));
	});
	return [...asked].filter((name) => !isBuiltin(name)).sort();
}

function visit(value: unknown, see: (node: Node) => void): void {
	if (typeof value !== 'object' || value === null) return;
	if ('type' in value) see(value as Node);
	for (const part of Object.values(value)) visit(part, see);
}

function sourcesOf(node: Node): unknown[] {
	if (node.type === 'ImportExpression' || node.type === 'ImportDeclaration') return [node.source];
	if (node.type === 'ExportAllDeclaration' || node.type === 'ExportNamedDeclaration')
		return node.source ? [node.source] : [];
	const calls = node.type === 'CallExpression' && isRequire(node.callee as Node);
	return calls ? [(node.arguments as unknown[])[0]] : [];
}

/** The bundler's name for it, Node's own, and `module.require`. */
function isRequire(callee: Node): boolean {
	const { name } = callee.type === 'MemberExpression' ? (callee.property as Node) : callee;
	return name === '__require' || name === 'require';
}

function textOf(source: unknown): string {
	const { value } = (source ?? {}) as { value?: unknown };
	return typeof value === 'string' ? value : '<computed>';
}
