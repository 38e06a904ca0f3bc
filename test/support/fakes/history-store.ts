import type { HistoryRecord } from '../../../src/domain/sync/history/history.ts';
import type { HistoryStore } from '../../../src/ports.ts';
import { storedCopy } from './stored-copy.ts';

export interface FakeHistoryStore extends HistoryStore {
	readonly records: ReadonlyMap<string, { record: HistoryRecord; version: string }>;
}

export function fakeHistoryStore(): FakeHistoryStore {
	const records = new Map<string, { record: HistoryRecord; version: string }>();
	let versions = 0;
	return {
		records,
		get: async (profileId) => storedCopy(records.get(profileId)),
		async replace(profileId, { record, version }) {
			if (records.get(profileId)?.version !== version) return false;
			records.set(profileId, { record: storedCopy(record), version: String(++versions) });
			return true;
		},
		delete: async (profileId) => void records.delete(profileId),
	};
}
