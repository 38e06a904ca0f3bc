import type { SyncEvent } from '../../../src/domain/events.ts';
import type { Events } from '../../../src/ports.ts';

/** Keeps what it is told. */
export interface FakeEvents extends Events {
	readonly told: SyncEvent[];
}

export function fakeEvents(): FakeEvents {
	const told: SyncEvent[] = [];
	return { told, happened: (event) => void told.push(structuredClone(event)) };
}
