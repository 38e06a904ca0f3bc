/**
 * What the embedded host asks of a worker, and nothing more: the seam between the triggers (HTTP, timer, blob, durable)
 * and the loaded app. The shapes are those of Azure's own worker channel (`RpcTypedData`, `InvocationRequest`).
 */

/** A value on its way into or out of the app; exactly one member is set, none means `undefined`. */
export interface TypedData {
	string?: string;
	json?: string;
	bytes?: Uint8Array;
	int?: number;
	double?: number;
	http?: unknown;
	modelBindingData?: { version: string; source: string; contentType: string; content: Uint8Array };
}

interface NamedData {
	name: string;
	data: TypedData;
}

export interface Binding {
	name: string;
	/** As registered, for example `httpTrigger`; compare without regard to case. */
	type: string;
	direction: 'in' | 'out';
	properties?: Record<string, string>;
	[field: string]: unknown;
}

export interface RetryOptions {
	maxRetryCount: number;
	retryStrategy: 'fixedDelay' | 'exponentialBackoff';
	delayInterval?: { seconds: number };
	minimumInterval?: { seconds: number };
	maximumInterval?: { seconds: number };
}

export interface RegisteredFunction {
	id: string;
	name: string;
	/** The one binding whose type ends with "Trigger". */
	trigger: Binding;
	bindings: readonly Binding[];
	retryOptions?: RetryOptions;
}

export interface InvocationRequest {
	inputData: NamedData[];
	triggerMetadata?: Record<string, TypedData>;
	retryContext?: { retryCount: number; maxRetryCount: number };
	/** Defaults to a new GUID. */
	invocationId?: string;
}

export interface InvocationResult {
	outputData: NamedData[];
	returnValue?: TypedData;
	/** The handler returned nothing: with streaming, nobody has answered the HTTP request then. */
	hasNoValue?: boolean;
}

export interface Worker {
	readonly functions: readonly RegisteredFunction[];
	readonly capabilities: Readonly<Record<string, string>>;
	/** Rejects with the handler's own error when the handler throws. */
	invoke(functionId: string, request: InvocationRequest): Promise<InvocationResult>;
	/** Runs the `appTerminate` hooks. */
	stop(): Promise<void>;
}
