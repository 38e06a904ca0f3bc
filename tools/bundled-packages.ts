import { existsSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';

/** A package of which the bundle has a part. */
export interface BundledPackage {
	name: string;
	version: string;
	/** SPDX id or expression. */
	licence: string;
	/** What its licence asks to be passed on. */
	notice: string;
}

/** Those that ask for no more than their notices. */
const allowedLicences: ReadonlySet<string> = new Set([
	'MIT',
	'ISC',
	'BSD-2-Clause',
	'BSD-3-Clause',
	'Apache-2.0',
	'0BSD',
]);

/** In order of name and version. Throws for a licence that nobody has allowed. */
export async function packagesOf(moduleIds: readonly string[]): Promise<BundledPackage[]> {
	const folders = new Set(moduleIds.flatMap((id) => packageFolder(id) ?? []));
	const found = new Map<string, BundledPackage>();
	for (const folder of folders) {
		const each = await readPackage(folder);
		if (!allowedLicences.has(each.licence))
			throw new Error(
				`Cannot package ${each.name}: its licence is "${each.licence}", which is none of ${[...allowedLicences].join(', ')}.`,
			);
		found.set(`${each.name}@${each.version}`, each);
	}
	return [...found.entries()].sort(([left], [right]) => (left < right ? -1 : 1)).map(([, each]) => each);
}

/** The folder of the package that a module is in; undefined for our own. */
function packageFolder(moduleId: string): string | undefined {
	const normal = moduleId.replaceAll('\\', '/').replace(/^\0/, '').replace(/\?.*$/, '');
	const [, folder] = /^(.*\/node_modules\/(?:@[^/]+\/)?[^/]+)\//.exec(normal) ?? [];
	return folder;
}

async function readPackage(folder: string): Promise<BundledPackage> {
	const manifest = JSON.parse(await readFile(path.join(folder, 'package.json'), 'utf8'));
	const files = existsSync(folder) ? await readdir(folder) : [];
	const notices = files.filter((name) => /^(licen[cs]e|notice|copying)/i.test(name)).sort();
	const read = async (name: string) =>
		(await readFile(path.join(folder, name), 'utf8')).replaceAll('\r\n', '\n').trim();
	const texts = await Promise.all(notices.map(read));
	const licence = typeof manifest.license === 'string' ? manifest.license : (manifest.license?.type ?? 'none');
	const notice = texts.join('\n\n') || (await readmeNotice(files, read)) || authorNotice(manifest);
	return { name: manifest.name, version: manifest.version, licence, notice };
}

/** Some have the licence as the last part of their README. */
async function readmeNotice(files: readonly string[], read: (name: string) => Promise<string>): Promise<string> {
	const readme = files.find((name) => /^readme/i.test(name));
	return /^#*\s*licen[cs]e\b[\s\S]*/im.exec(readme ? await read(readme) : '')?.[0] ?? '';
}

function authorNotice({ author, license }: { author?: string | { name?: string }; license?: string }): string {
	const name = typeof author === 'string' ? author : author?.name;
	return name ? `By ${name}. https://spdx.org/licenses/${license}.html` : '';
}

export function noticesOf(packages: readonly BundledPackage[]): string {
	const parts = packages.map(({ name, version, licence, notice }) =>
		[`${name} ${version} (${licence})`, ...(notice ? ['', notice] : [])].join('\n'),
	);
	return `The files here have parts of these packages.\n\n${parts.join(`\n\n${'-'.repeat(80)}\n\n`)}\n`;
}

const urlOf = ({ name, version }: BundledPackage) => `pkg:npm/${name.replace('@', '%40')}@${version}`;

/** A bill of materials, without a time or serial number of its own. https://cyclonedx.org/docs/1.6/json/ */
export function billOfMaterials(app: { name: string; version: string }, packages: readonly BundledPackage[]) {
	const ref = `pkg:npm/${app.name}@${app.version}`;
	return {
		bomFormat: 'CycloneDX',
		specVersion: '1.6',
		version: 1,
		metadata: { component: { type: 'application', 'bom-ref': ref, ...app } },
		components: packages.map((each) => ({
			type: 'library',
			'bom-ref': urlOf(each),
			name: each.name,
			version: each.version,
			purl: urlOf(each),
			licenses: [{ license: { id: each.licence } }],
		})),
		dependencies: [{ ref, dependsOn: packages.map(urlOf) }],
	};
}
