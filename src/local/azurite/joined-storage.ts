import type { Azurite } from './azurite.ts';

/** An emulator that somebody else has started, and ends: this host neither watches it, nor knows what it may have lost. */
export function joinStorage(connectionString: string): Azurite {
	const parts = new Map(connectionString.split(';').map((part) => part.split(/=(.*)/s, 2) as [string, string]));
	const url = (service: string) => {
		const endpoint = parts.get(`${service}Endpoint`) ?? '';
		if (URL.canParse(endpoint) && isOnThisMachine(new URL(endpoint))) return endpoint;
		throw new Error(
			`Cannot use the storage that --storage names: its ${service}Endpoint is "${endpoint}", and must be the URL of an emulator on this machine`,
		);
	};
	return {
		// Of a process that is not ours: no signal can be sent to it.
		pid: Number.NaN,
		connectionString,
		blobUrl: url('Blob'),
		queueUrl: url('Queue'),
		tableUrl: url('Table'),
		losses: [],
		ended: new Promise(() => {}),
		async stop() {},
	};
}

const isOnThisMachine = ({ hostname }: URL) => ['127.0.0.1', 'localhost'].includes(hostname);
