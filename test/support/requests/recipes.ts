import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { root } from '../hosts/test-host.ts';

/** The fenced blocks of docs/clients.md below a heading, as a reader would copy them. */
export async function recipe(heading: string, language: string): Promise<string> {
	const text = await recipes();
	const section = text.split(/^## /m).find((part) => part.startsWith(`${heading}\n`));
	const blocks = [...(section ?? '').matchAll(/^```(\w+)\n([\s\S]*?)^```$/gm)].filter(([, name]) => name === language);
	const block = blocks[0]?.[2];
	if (block === undefined || blocks.length > 1)
		throw new Error(`docs/clients.md has ${blocks.length} blocks of ${language} below "${heading}", and must have one`);
	return block;
}

export const recipes = () => readFile(path.join(root, 'docs/clients.md'), 'utf8');

/** Values for the names in angle brackets; `values` may come from the answers of earlier steps. */
export function filledIn(text: string, values: ReadonlyMap<string, string>): string {
	return text.replace(/<([a-z ]+)>/g, (_, name: string) => {
		const value = values.get(name);
		if (value === undefined) throw new Error(`Nothing says what takes the place of <${name}> in: ${text}`);
		return value;
	});
}

export interface CurlStep {
	/** What the comment above it says. */
	comment: string;
	args: readonly string[];
}

/**
 * Lines of words and of arguments in double quotes, and nothing else: any shell cuts them the same way. What only some shells
 * understand throws.
 */
export function curlSteps(block: string): CurlStep[] {
	let comment = '';
	return block.split('\n').flatMap((line) => {
		if (line.startsWith('#')) comment = line.slice(1).trim();
		if (line === '' || line.startsWith('#')) return [];
		if (!/^curl( [\w-]+| "[^"$`\\!]*")+$/.test(line)) throw new Error(`Not every shell reads this line alike: ${line}`);
		const args = [...line.matchAll(/ (?:"([^"]*)"|([\w-]+))/g)].map(([, quoted, word]) => quoted ?? word ?? '');
		const step = { comment, args };
		comment = '';
		return [step];
	});
}
