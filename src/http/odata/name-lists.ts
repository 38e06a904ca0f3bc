import { echo, refusedOption } from './option-refusal.ts';

/** More names than any resource has. */
const maxNames = 100;

interface ListedName {
	name: string;
	position: number;
}

/**
 * The top-level members that a `$select` names; a path selects the whole member it leads into. Undefined for `*`, which is
 * everything. `known` are names or paths.
 */
export function parseSelect(source: string, known: readonly string[]): ReadonlySet<string> | undefined {
	const names = listedNames('$select', source);
	const members = names.filter(({ name }) => name !== '*').map((each) => topLevel(properName('$select', each, known)));
	return members.length < names.length ? undefined : new Set(members);
}

/** The navigation properties that an `$expand` names; `*` is all of them. */
export function parseExpand(source: string, expandable: readonly string[]): ReadonlySet<string> {
	return new Set(
		listedNames('$expand', source).flatMap((each) =>
			each.name === '*' ? expandable : properName('$expand', each, expandable),
		),
	);
}

function listedNames(option: string, source: string): ListedName[] {
	const parts = source.split(',');
	if (parts.length > maxNames) {
		throw refusedOption({ option, rule: `it has ${parts.length} names, and may have ${maxNames}` });
	}
	let start = 0;
	return parts.map((part) => {
		const position = start + part.length - part.trimStart().length;
		start += part.length + 1;
		return { name: part.trim(), position };
	});
}

function properName(option: string, { name, position }: ListedName, known: readonly string[]): string {
	const wanted = name.toLowerCase();
	const names = [...new Set([...known, ...known.map(topLevel)])];
	const found = names.find((each) => each.toLowerCase() === wanted);
	if (found !== undefined) return found;
	const rule = `${echo(name)} is not among ${[...new Set(known.map(topLevel))].join(', ')}`;
	throw refusedOption({ option, rule, position });
}

function topLevel(path: string): string {
	return path.split('/', 1)[0] ?? path;
}
