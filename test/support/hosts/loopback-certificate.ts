import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { generate } from 'selfsigned';

/** For https on 127.0.0.1, with its files; a process trusts it by `NODE_EXTRA_CA_CERTS=<files.cert>`. */
export interface LoopbackCertificate {
	cert: string;
	key: string;
	files: { cert: string; key: string };
	remove(): Promise<void>;
}

export async function loopbackCertificate(): Promise<LoopbackCertificate> {
	const folder = await mkdtemp(path.join(tmpdir(), 'sds-tls-'));
	const { cert, private: key } = await generate([{ name: 'commonName', value: '127.0.0.1' }], {
		keySize: 2048,
		extensions: [{ name: 'subjectAltName', altNames: [{ type: 7, ip: '127.0.0.1' }] }],
	});
	const files = { cert: path.join(folder, 'cert.pem'), key: path.join(folder, 'key.pem') };
	await writeFile(files.cert, cert);
	await writeFile(files.key, key);
	return { cert, key, files, remove: () => rm(folder, { recursive: true, force: true }) };
}
