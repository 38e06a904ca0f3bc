import { execFile, spawnSync } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';

/** Does what a curl command does, in a folder, and answers what curl prints. */
export type CurlRunner = (args: readonly string[], folder: string) => Promise<string>;

export const isCurlHere = spawnSync('curl', ['--version']).status === 0;

/** Throws for an exit code, as a shell would show it. */
export const runCurl: CurlRunner = async (args, folder) => {
	const { stdout, stderr } = await promisify(execFile)('curl', args, { cwd: folder });
	if (stderr !== '') throw new Error(`curl said: ${stderr}`);
	return stdout;
};

/** The same requests by fetch, for the options that the recipes use; any other throws. */
export const replayByFetch: CurlRunner = async (args, folder) => {
	const { url, headers, body, method } = await requestOf(args, folder);
	const response = await fetch(url, { method, headers, ...(body === undefined ? {} : { body }) });
	return response.text();
};

interface CurlRequest {
	method: string;
	url: string;
	headers: Headers;
	body?: string | Uint8Array<ArrayBuffer>;
}

async function requestOf(args: readonly string[], folder: string): Promise<CurlRequest> {
	const file = async (name: string) => new Uint8Array(await readFile(path.join(folder, name)));
	const headers = new Headers();
	const fields: string[] = [];
	let upload: Uint8Array<ArrayBuffer> | undefined;
	let url = '';
	for (let at = 0; at < args.length; at += 1) {
		const option = args[at] as string;
		if (option === '-sS') continue;
		if (!option.startsWith('-')) {
			url = option;
			continue;
		}
		at += 1;
		const value = args[at] ?? '';
		if (option === '-H') headers.append(...(value.split(/: (.*)/).slice(0, 2) as [string, string]));
		else if (option === '-T') upload = await file(value);
		else if (option === '-d') fields.push(value);
		else if (option === '--data-binary') fields.push(new TextDecoder().decode(await file(value.replace(/^@/, ''))));
		else if (option === '--data-urlencode') fields.push(urlEncoded(value));
		else throw new Error(`The replay knows no option ${option} of curl`);
	}
	if (upload) return { method: 'PUT', url, headers, body: upload };
	if (fields.length === 0) return { method: 'GET', url, headers };
	if (!headers.has('content-type')) headers.set('content-type', 'application/x-www-form-urlencoded');
	return { method: 'POST', url, headers, body: fields.join('&') };
}

function urlEncoded(field: string): string {
	const at = field.indexOf('=') + 1;
	return field.slice(0, at) + encodeURIComponent(field.slice(at));
}
