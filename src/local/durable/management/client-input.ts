export interface ClientAddress {
	/** Of the host, without a trailing slash. */
	origin: string;
	hubName: string;
	systemKey: string;
}

/** Below it, the same API asks for the system key. */
const webhookPath = '/runtime/webhooks/durabletask';

/** Stands in the template links for the instance id. */
const idPlaceholder = 'INSTANCEID';

/** Links for one instance, with the key in them, as Azure hands them out. */
export function managementLinks({ origin, hubName, systemKey }: ClientAddress, instanceId: string) {
	const instance = `${origin}${webhookPath}/instances/${encodeURIComponent(instanceId)}`;
	const query = `taskHub=${hubName}&connection=Storage&code=${systemKey}`;
	return {
		id: instanceId,
		statusQueryGetUri: `${instance}?${query}`,
		sendEventPostUri: `${instance}/raiseEvent/{eventName}?${query}`,
		terminatePostUri: `${instance}/terminate?reason={text}&${query}`,
		rewindPostUri: `${instance}/rewind?reason={text}&${query}`,
		purgeHistoryDeleteUri: `${instance}?${query}`,
		restartPostUri: `${instance}/restart?${query}`,
		suspendPostUri: `${instance}/suspend?reason={text}&${query}`,
		resumePostUri: `${instance}/resume?reason={text}&${query}`,
	};
}

/** JSON text of a `durableClient` binding. */
export function durableClientInput(address: ClientAddress): string {
	const { origin, hubName, systemKey } = address;
	const base = `${origin}${webhookPath}`;
	const code = `code=${systemKey}`;
	const creation = `${base}/orchestrators/{functionName}[/{instanceId}]`;
	return JSON.stringify({
		taskHubName: hubName,
		connectionName: null,
		creationUrls: {
			createNewInstancePostUri: `${creation}?${code}`,
			createAndWaitOnNewInstancePostUri: `${creation}?timeout={timeoutInSeconds}&pollingInterval={intervalInSeconds}&${code}`,
		},
		managementUrls: managementLinks(address, idPlaceholder),
		baseUrl: base,
		requiredQueryStringParameters: code,
		rpcBaseUrl: `${origin}/durabletask/`,
		httpBaseUrl: null,
	});
}
