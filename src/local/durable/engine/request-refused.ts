/** A client asks for something that cannot be done; `status` is the HTTP status that says so. */
export class RequestRefused extends Error {
	readonly status: 400 | 404 | 409 | 410 | 412 | 500 | 501;
	constructor(status: RequestRefused['status'], message: string) {
		super(message);
		this.name = 'RequestRefused';
		this.status = status;
	}
}
