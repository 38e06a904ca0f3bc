import path from 'node:path';
import { rolldown } from 'rolldown';

/** Bundles a script of `samples/` as the app is bundled for Azure, so that its time and memory are those of what is deployed. */
export async function bundleSample(name: string, folder: string): Promise<string> {
	const bundle = await rolldown({
		input: path.join(import.meta.dirname, 'samples', `${name}.ts`),
		platform: 'node',
		logLevel: 'silent',
	});
	const file = path.join(folder, `${name}.mjs`);
	await bundle.write({ file, format: 'esm', codeSplitting: false });
	await bundle.close();
	return file;
}
