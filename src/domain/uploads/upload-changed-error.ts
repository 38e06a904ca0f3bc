/** An upload was written, or removed, between being listed and being read: whoever asked must look again. */
export class UploadChangedError extends Error {
	constructor(kind: string) {
		super(`Cannot read the uploaded ${kind}: it changed while it was being read.`);
		this.name = 'UploadChangedError';
	}
}
