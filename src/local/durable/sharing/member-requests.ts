import { type IncomingMessage, request } from 'node:http';
import { text } from 'node:stream/consumers';
import type { HubMember } from './hub-members.ts';

export interface MemberRequest {
	method: string;
	/** With the query. */
	path: string;
	headers?: Record<string, string>;
	body: string;
}

/** Asks another member. Undefined if it has ended before it answered; however long it takes, it is waited for. */
export async function askMember(
	{ origin }: HubMember,
	{ method, path, headers = {}, body }: MemberRequest,
): Promise<Response | undefined> {
	try {
		const answer = await new Promise<IncomingMessage>((resolve, reject) => {
			request(new URL(path, origin), { method, headers: { ...headers, 'content-length': Buffer.byteLength(body) } })
				.on('response', resolve)
				.on('error', reject)
				.end(body);
		});
		const content = await text(answer);
		return new Response(content === '' ? null : content, {
			status: answer.statusCode ?? 500,
			headers: Object.entries(answer.headers).map(([name, value]) => [name, String(value)]),
		});
	} catch {
		return undefined;
	}
}
