import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { billOfMaterials } from './bundled-packages.ts';
import { measureColdLoad } from './cold-load.ts';
import { makePackage, writePackage, zipOf } from './package.ts';

/** `npm run package`: the folder that is deployed, the same as a zip, and what it is made of. */

const root = path.resolve(import.meta.dirname, '..');
const folder = path.join(root, 'package');
const { name, version } = JSON.parse(await readFile(path.join(root, 'package.json'), 'utf8'));

const made = await makePackage();
const zip = zipOf(made);
await writePackage(made, folder);
await writeFile(`${folder}.zip`, zip);
const bill = billOfMaterials({ name, version }, made.packages);
await writeFile(`${folder}.cdx.json`, `${JSON.stringify(bill, null, 2)}\n`);

const megabytes = (bytes: number) => `${(bytes / 1e6).toFixed(1)} MB`;
const total = [...made.files.values()].reduce((sum, { length }) => sum + length, 0);
process.stdout.write(`
  package/           ${megabytes(total)}, ${made.files.size} files
  package.zip        ${megabytes(zip.length)}
  package.cdx.json   bill of materials, ${made.packages.length} packages in the bundle
  Cold load          ${Math.round(measureColdLoad(folder))} ms on this machine

`);
