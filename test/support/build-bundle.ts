import { rolldown } from 'rolldown';
import config from '../../rolldown.config.ts';

/** Builds `dist/main.js` once before all tests. */
export async function setup(): Promise<void> {
	const bundle = await rolldown(config);
	await bundle.write(Array.isArray(config.output) ? config.output[0] : config.output);
	await bundle.close();
}
