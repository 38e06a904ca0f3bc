/** A cookie as the library hands it over; optional fields are plain or wrapped as `{ value }`. */
export interface RpcCookie {
	name: string;
	value: string;
	domain?: unknown;
	path?: unknown;
	expires?: unknown;
	maxAge?: unknown;
	secure?: unknown;
	httpOnly?: unknown;
	/** `none` means "not set"; `explicitNone` asks for `SameSite=None`. */
	sameSite?: 'lax' | 'strict' | 'explicitNone' | 'none';
}

const sameSiteNames: Record<string, string> = { lax: 'Lax', strict: 'Strict', explicitNone: 'None' };

/** The value of one `Set-Cookie` header. */
export function formatCookie(cookie: RpcCookie): string {
	const domain = unwrap(cookie.domain);
	const path = unwrap(cookie.path);
	const expires = unwrap(cookie.expires);
	const maxAge = unwrap(cookie.maxAge);
	const sameSite = sameSiteNames[cookie.sameSite ?? 'none'];
	return [
		`${cookie.name}=${encodeURIComponent(cookie.value)}`,
		...(domain ? [`Domain=${domain}`] : []),
		...(path ? [`Path=${path}`] : []),
		...(expires ? [`Expires=${new Date(expires as string | number | Date).toUTCString()}`] : []),
		...(maxAge === undefined ? [] : [`Max-Age=${maxAge}`]),
		...(unwrap(cookie.secure) ? ['Secure'] : []),
		...(unwrap(cookie.httpOnly) ? ['HttpOnly'] : []),
		...(sameSite ? [`SameSite=${sameSite}`] : []),
	].join('; ');
}

function unwrap(field: unknown): unknown {
	if (typeof field !== 'object' || field === null || field instanceof Date) return field ?? undefined;
	return 'value' in field ? (field.value ?? undefined) : undefined;
}
