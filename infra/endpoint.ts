/** Throws unless tokens may be sent there: by https, or to this machine. */
export function requireSecure(endpoint: string, setting: string): void {
	const url = URL.canParse(endpoint) ? new URL(endpoint) : undefined;
	const isLoopback = url?.protocol === 'http:' && ['127.0.0.1', 'localhost'].includes(url.hostname);
	if (url?.protocol !== 'https:' && !isLoopback)
		throw new Error(`Cannot send a token to "${endpoint}": ${setting} must be an https URL.`);
}

/** Fetches, and says where it was going when nothing answers. */
export async function reach(url: string, init: RequestInit): Promise<Response> {
	try {
		return await fetch(url, init);
	} catch (error) {
		const { code } = ((error as Error).cause ?? {}) as { code?: string };
		throw new Error(
			`Cannot reach ${new URL(url).origin} (${code ?? (error as Error).message}). Look at the network, then repeat this.`,
		);
	}
}

/** Azure's words without the key of a webhook, which they may repeat. */
export const withoutKeys = (text: string): string => text.replace(/([?&]code=)[^\s&"'<>)]+/gi, '$1…');
