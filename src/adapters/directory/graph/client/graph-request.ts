import type { Deadline } from '../../../../directory-ports.ts';

/** One request to Microsoft Graph, on its own or within a batch. */
export interface GraphRequest {
	method: 'GET' | 'POST' | 'PATCH' | 'DELETE';
	/** From the version on, such as `/education/users`. */
	path: string;
	body?: object;
	headers?: Readonly<Record<string, string>>;
	/** It is about an object that was made a moment ago: if it is not found, not every replica has it yet. */
	isNew?: boolean;
	/** Sent once more it might make a second object: where its answer is lost, it is answered by `lost`. */
	creates?: boolean;
}

export interface GraphAnswer {
	status: number;
	/** By names in lower case. */
	headers: Readonly<Record<string, string>>;
	body: unknown;
}

/** Nobody knows whether the object was made: whoever asked has to look. */
export const lost: GraphAnswer = { status: 0, headers: {}, body: undefined };

/** On whose behalf something is asked, and for how long. */
export interface GraphCall {
	tenantId: string;
	deadline?: Deadline | undefined;
	signal?: AbortSignal | undefined;
}

export const isOk = ({ status }: GraphAnswer) => status >= 200 && status < 300;
export const isWrite = ({ method }: GraphRequest) => method !== 'GET';

/** What kind of thing a request does, without any id, name or filter: for messages. */
export function actionOf({ method, path }: GraphRequest): string {
	const [withoutQuery = ''] = path.split('?');
	const words = withoutQuery.split('/').filter((part) => /^(\$[a-z]+|[a-zA-Z.]{2,40})$/.test(part));
	return `${method} /${words.join('/')}`;
}
