import { scopedContinuation } from '../../../src/http/odata/list-query.ts';
import { writeSkipToken } from '../../../src/http/odata/lists/skip-token.ts';
import type { ApiRequest } from '../../../src/http/requests/api-request.ts';
import { ownTenant } from '../tenants.ts';

/** A token that somebody made for the list at `url`, as one who knows how they are made can. */
export function skipTokenFor(url: string, continuation: string): string {
	const request = { caller: { tenantId: ownTenant } } as ApiRequest;
	return writeSkipToken(scopedContinuation(request, new URL(url), continuation));
}
