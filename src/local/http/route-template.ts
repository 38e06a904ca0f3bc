/** One compiled path segment of an ASP.NET route template. */
interface Segment {
	pattern: RegExp;
	names: string[];
	optional: boolean;
	catchAll: boolean;
	defaultValue?: string;
}

export interface RouteTemplate {
	segments: Segment[];
}

const knownConstraints: Record<string, string> = {
	int: '-?\\d+',
	long: '-?\\d+',
	bool: 'true|false',
	guid: '[0-9a-f]{8}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{12}',
	alpha: '[a-z]+',
	decimal: '-?\\d+(?:\\.\\d+)?',
	double: '-?\\d+(?:\\.\\d+)?(?:e[+-]?\\d+)?',
	float: '-?\\d+(?:\\.\\d+)?(?:e[+-]?\\d+)?',
	datetime: '\\d{1,4}[-/.]\\d{1,2}[-/.]\\d{1,4}(?:[T ][\\d:.]+(?:Z|[+-]\\d\\d:?\\d\\d)?)?',
};

const parameterPattern = /\{(\*{0,2})(\w+)((?::[^{}:=?]+)*)(?:=([^{}]*))?(\?)?\}/g;

/** Compiles a template such as `schools/{id:guid}/{*rest}`; throws on constraints that this host does not have. */
export function compileRoute(template: string): RouteTemplate {
	const texts = template.split('/').filter((text) => text !== '');
	return { segments: texts.map((text) => compileSegment(text, template)) };
}

function compileSegment(text: string, template: string): Segment {
	const names: string[] = [];
	let source = '';
	let end = 0;
	let last: RegExpMatchArray | undefined;
	for (const match of text.matchAll(parameterPattern)) {
		source += `${escapeRegExp(text.slice(end, match.index))}(${constraintSource(match[3] ?? '', template)})`;
		end = match.index + match[0].length;
		names.push(match[2] ?? '');
		last = match;
	}
	const rest = text.slice(end);
	if (/[{}]/.test(rest)) throw new Error(`Cannot read the route "${template}": "${text}" is not a valid segment`);
	const alone = last !== undefined && last[0] === text;
	const catchAll = alone && last?.[1] !== '';
	const defaultValue = alone ? last?.[4] : undefined;
	return {
		pattern: new RegExp(`^${source}${escapeRegExp(rest)}$`, 'is'),
		names,
		optional: alone && (last?.[5] === '?' || defaultValue !== undefined || catchAll),
		catchAll,
		...(defaultValue === undefined ? {} : { defaultValue }),
	};
}

function constraintSource(constraints: string, template: string): string {
	const [name, ...more] = constraints.split(':').filter((text) => text !== '');
	if (name === undefined) return '.+?';
	const source = knownConstraints[name.toLowerCase()];
	if (source === undefined || more.length > 0) {
		const known = Object.keys(knownConstraints).join(', ');
		throw new Error(`Cannot read the route "${template}": ":${name}" must be one constraint of ${known}`);
	}
	return source;
}

function escapeRegExp(text: string): string {
	return text.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&');
}

/** The decoded route parameters, or `undefined` when the path does not fit; optional ones that are missing are absent. */
export function matchRoute({ segments }: RouteTemplate, path: string): Record<string, string> | undefined {
	// One slash at the end is allowed; an empty segment fits nothing, unless a catch-all has begun before it.
	const below = path.replace(/^\//, '');
	const parts = below === '' ? [] : below.replace(/\/$/, '').split('/').map(decodePart);
	const params: Record<string, string> = {};
	for (const [index, segment] of segments.entries()) {
		if (parts[index] === '') return undefined;
		const part = segment.catchAll ? parts.slice(index).join('/') || undefined : parts[index];
		if (part === undefined) {
			if (!segment.optional) return undefined;
			if (segment.defaultValue !== undefined) params[segment.names[0] ?? ''] = segment.defaultValue;
			continue;
		}
		const match = segment.pattern.exec(part);
		if (!match) return undefined;
		for (const [position, name] of segment.names.entries()) params[name] = match[position + 1] ?? '';
		if (segment.catchAll) return params;
	}
	return parts.length > segments.length ? undefined : params;
}

/** An encoded slash stays as it is: decoded, it would make two segments of one. */
function decodePart(part: string): string {
	return part
		.split(/(%2f)/i)
		.map((text) => (text.toLowerCase() === '%2f' ? text : decode(text)))
		.join('');
}

function decode(text: string): string {
	try {
		return decodeURIComponent(text);
	} catch {
		return text;
	}
}
