/** What an orchestrator asks for, as the durable-functions SDK reports it (its `ActionType`). */
export const actionTypes = {
	callActivity: 0,
	callActivityWithRetry: 1,
	callSubOrchestrator: 2,
	callSubOrchestratorWithRetry: 3,
	continueAsNew: 4,
	createTimer: 5,
	waitForExternalEvent: 6,
	whenAny: 11,
	whenAll: 12,
} as const;

type Type = typeof actionTypes;

export interface RetryOptions {
	firstRetryIntervalInMilliseconds: number;
	/** Counts the first attempt. */
	maxNumberOfAttempts: number;
	backoffCoefficient?: number;
	maxRetryIntervalInMilliseconds?: number;
	retryTimeoutInMilliseconds?: number;
}

/** Calls an activity or a sub-orchestrator. */
export interface FunctionAction {
	actionType:
		| Type['callActivity']
		| Type['callActivityWithRetry']
		| Type['callSubOrchestrator']
		| Type['callSubOrchestratorWithRetry'];
	functionName: string;
	input?: unknown;
	/** Of a sub-orchestrator only. */
	instanceId?: string;
	version?: string;
	/** With the kinds "WithRetry" only. */
	retryOptions?: RetryOptions;
}

export interface ContinueAsNewAction {
	actionType: Type['continueAsNew'];
	input?: unknown;
}

export interface TimerAction {
	actionType: Type['createTimer'];
	/** ISO time. */
	fireAt: string;
	isCanceled: boolean;
}

export interface EventAction {
	actionType: Type['waitForExternalEvent'];
	externalEventName: string;
}

export interface CompoundAction {
	actionType: Type['whenAny'] | Type['whenAll'];
	compoundActions: Action[];
}

export type Action = FunctionAction | ContinueAsNewAction | TimerAction | EventAction | CompoundAction;

const unsupportedActions: Record<number, string> = {
	7: 'callEntity (durable entities)',
	8: 'callHttp',
	9: 'signalEntity (durable entities)',
	13: 'lock (durable entities)',
	14: 'lock (durable entities)',
};

/** Why an action of an unknown kind cannot be carried out; Azure's words where Azure does not know it either. */
export function unknownActionText(actionType: number): string {
	const feature = unsupportedActions[actionType];
	if (feature === undefined) {
		return `Received an unexpected action type from the out-of-proc function: '${actionType}'.`;
	}
	return `Cannot run the orchestrator on the local host: it uses ${feature}, which this host does not have`;
}
