/** Under which address clients know the service, for the links in answers. */
export interface AddressSettings {
	/** `PUBLIC_URL`: a gateway or proxy in front, with the path at which it serves this API. */
	publicUrl?: string | undefined;
	/** The host name, and perhaps port, that the platform's own front end says we have. */
	siteHost?: string | undefined;
}

/** Answers an origin, and a path prefix if there is one, without a slash at its end. */
export type PublicAddress = (requested: URL) => string;

/**
 * No header of a stranger is believed. `X-Forwarded-Host` and its kin are not even read: whoever reaches us past the proxy could
 * write them. The `Host` of a request decides only between names of this machine, since Azure lets foreign ones through.
 */
export function publicAddress({ publicUrl, siteHost }: AddressSettings): PublicAddress {
	if (publicUrl !== undefined) return () => publicUrl.replace(/\/+$/, '');
	const site = siteHost === undefined ? undefined : siteOrigin(siteHost);
	// Azure's front end takes https only.
	if (site && !isLoopback(site)) return () => `https://${site.host}`;
	// Where no platform names us, as in a test, there is nobody else to ask.
	return (requested) => (isLoopback(requested) ? requested.origin : (site?.origin ?? requested.origin));
}

function siteOrigin(host: string): URL | undefined {
	return URL.canParse(`http://${host}`) ? new URL(`http://${host}`) : undefined;
}

function isLoopback({ hostname }: URL): boolean {
	return ['localhost', '127.0.0.1', '[::1]'].includes(hostname);
}

/** The URL as the client knows it: below the public address, with path and query as they came. */
export function publicUrlOf(requested: URL, base: string): URL {
	return new URL(`${base}${requested.pathname}${requested.search}`);
}
