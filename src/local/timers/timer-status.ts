import type { BlobServiceClient } from '@azure/storage-blob';

/** Times as .NET writes them (see `dotNetTime`), named as in Azure's status blob. */
export interface TimerStatus {
	Last: string;
	Next: string;
	LastUpdated: string;
}

/** `Last` of a timer that has not run yet: the earliest date of .NET. */
export const never = '0001-01-01T00:00:00';

/** Fractions of a second up to seven digits, without zeros at the end, and the offset from UTC in numbers. */
export function dotNetTime(time: Date): string {
	const [seconds = '', fraction = ''] = time.toISOString().slice(0, -1).split('.');
	const digits = fraction.replace(/0+$/, '');
	return `${seconds}${digits === '' ? '' : `.${digits}`}+00:00`;
}

export interface TimerStatusStore {
	read(functionName: string): Promise<TimerStatus | undefined>;
	write(functionName: string, status: TimerStatus): Promise<void>;
}

const statusContainer = 'azure-webjobs-hosts';

/** Keeps timer statuses where Azure's host keeps them: `azure-webjobs-hosts/timers/{hostId}/Host.Functions.X/status`. */
export function createTimerStatusStore(service: BlobServiceClient, hostId: string): TimerStatusStore {
	const container = service.getContainerClient(statusContainer);
	const blobOf = (name: string) => container.getBlockBlobClient(`timers/${hostId}/Host.Functions.${name}/status`);
	return {
		async read(functionName) {
			const blob = blobOf(functionName);
			if (!(await blob.exists())) return undefined;
			return JSON.parse(String(await blob.downloadToBuffer()));
		},
		async write(functionName, status) {
			await container.createIfNotExists();
			const text = JSON.stringify(status);
			await blobOf(functionName).upload(text, Buffer.byteLength(text));
		},
	};
}
