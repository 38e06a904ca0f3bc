/**
 * Loaded before a client's own program (`node --import`). Stands for the front end that ends TLS in Azure, which this machine has
 * no certificate for: what the program asks by https of API_URL reaches the host by http, and the links of its answers are https.
 */
const outside = new URL(process.env.API_URL ?? '').origin;
const inside = outside.replace('https://', 'http://');
const direct = globalThis.fetch;

globalThis.fetch = async (input, init) => {
	if (typeof input !== 'string' || !input.startsWith(`${outside}/`)) return direct(input, init);
	const response = await direct(input.replace(outside, inside), init);
	const text = (await response.text()).replaceAll(`"${inside}/`, `"${outside}/`);
	const { status, headers } = response;
	return new Response(text === '' ? null : text, { status, headers });
};
