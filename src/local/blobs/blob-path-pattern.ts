/** The `path` of a blob trigger, `container/pattern`; it binds names and, with source EventGrid, filters nothing. */
export interface BlobPathPattern {
	container: string;
	/** Absent for a path that is only a container. */
	blob?: { pattern: RegExp; names: string[] };
}

const tokenPattern = /\{\{|\}\}|\{([^{}]+)\}|[^{}]+/gy;

/** Reads `uploads/{folder}/{name}.csv`; names are greedy across slashes, `{{` and `}}` stand for braces. */
export function parseBlobPath(path: string): BlobPathPattern {
	const slash = path.indexOf('/');
	const container = slash < 0 ? path : path.slice(0, slash);
	if (/[{}]/.test(container)) {
		throw new Error(`Cannot read the blob path "${path}": its container "${container}" must be literal`);
	}
	if (slash < 0) return { container };
	const names: string[] = [];
	let source = '';
	let end = 0;
	const text = path.slice(slash + 1);
	for (const [token, name] of text.matchAll(tokenPattern)) {
		end += token.length;
		if (name !== undefined) names.push(name);
		source += name === undefined ? escapeRegExp(token.replace('{{', '{').replace('}}', '}')) : '(.+)';
	}
	if (end < text.length) throw new Error(`Cannot read the blob path "${path}": its braces do not pair`);
	return { container, blob: { pattern: new RegExp(`^${source}$`, 's'), names } };
}

function escapeRegExp(text: string): string {
	return text.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&');
}

/** The bound names; none when the container differs or the pattern does not fit. */
export function bindBlobPath({ container, blob }: BlobPathPattern, found: { container: string; name: string }) {
	const bound: Record<string, string> = {};
	if (blob === undefined || container.toLowerCase() !== found.container.toLowerCase()) return bound;
	const match = blob.pattern.exec(found.name);
	for (const [index, name] of match ? blob.names.entries() : []) bound[name] = match?.[index + 1] ?? '';
	return bound;
}
