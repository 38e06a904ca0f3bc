import { build } from 'rolldown';
import config from '../../rolldown.config.ts';

/** Builds `dist/main.js` once before all tests. */
export async function setup(): Promise<void> {
	await build({ ...config, logLevel: 'warn' });
}
