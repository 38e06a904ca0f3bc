/** What a holder of the upload URL may make: a file, a log, or something in an archive. */
export type UploadKind = 'block' | 'append' | 'archived';

const headers: Readonly<Record<UploadKind, Record<string, string>>> = {
	block: { 'x-ms-blob-type': 'BlockBlob' },
	append: { 'x-ms-blob-type': 'AppendBlob' },
	archived: { 'x-ms-blob-type': 'BlockBlob', 'x-ms-access-tier': 'Archive' },
};

/** The URL of one file, whatever its name. */
export const withName = (containerUrl: string, name: string) =>
	containerUrl.replace('?', `/${encodeURIComponent(name)}?`);

/** Uploads as every storage client does; a log is made without content. */
export async function uploadTo(
	containerUrl: string,
	{ name, text, kind = 'block' }: { name: string; text: string; kind?: UploadKind | undefined },
): Promise<void> {
	const body = kind === 'append' ? null : text;
	const { status } = await fetch(withName(containerUrl, name), { method: 'PUT', headers: headers[kind], body });
	if (status !== 201) throw new Error(`Cannot upload "${name}": storage answers ${status}, and must answer 201.`);
}
