/**
 * The file is there as listed, and storage refuses to read it: it was uploaded into an archive, or under a key that we do not have.
 * Whoever has verified it removes it, since an upload URL can neither delete nor overwrite what is archived.
 */
export class UploadUnreadableError extends Error {
	/** `reason` is storage's own code, such as `BlobArchived`. */
	constructor(reason: string) {
		super(
			`File cannot be read and was removed: storage says "${reason}". Upload it again without an access tier and without a key of your own.`,
		);
		this.name = 'UploadUnreadableError';
	}
}
