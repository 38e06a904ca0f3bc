import type { HttpRequest, InvocationContext } from '@azure/functions';
import type { ProfileRef } from '../../ports.ts';
import type { Caller } from './access.ts';
import type { ServiceRoot } from './addressing.ts';
import type { JsonObject } from './request-body.ts';

/** A request that has been let in. */
export interface ApiRequest {
	caller: Caller;
	/** The route's parameters, in lower case: GUIDs, or the name of a file, which has no folder. */
	params: Readonly<Record<string, string>>;
	/** As the client knows it, whatever stands in between. */
	url: URL;
	/** What links begin with: an origin, and perhaps a path, without a slash at the end. */
	address: string;
	root: ServiceRoot;
	headers: HttpRequest['headers'];
	readBody(): Promise<JsonObject>;
	context: InvocationContext;
}

/** The profile that the path names, in the tenant that the token names. */
export function profileRef({ caller, params }: ApiRequest): ProfileRef {
	return { tenantId: caller.tenantId, profileId: params.profileId as string };
}
