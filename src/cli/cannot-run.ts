/** The sync could not be carried out for a reason outside the roster; the message says what to do. Exit code 2. */
export class CannotRunError extends Error {
	constructor(message: string, options?: ErrorOptions) {
		super(message, options);
		this.name = 'CannotRunError';
	}
}

/** Nothing answered: whether a request was carried out is unknown. */
export class UnreachableError extends CannotRunError {
	constructor(message: string, options?: ErrorOptions) {
		super(message, options);
		this.name = 'UnreachableError';
	}
}
