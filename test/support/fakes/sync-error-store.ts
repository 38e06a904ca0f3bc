import { errorIndex, errorPlaceId } from '../../../src/domain/run-id.ts';
import type { SyncError } from '../../../src/domain/sync-error.ts';
import type { SyncErrorStore } from '../../../src/ports.ts';
import { pageOf } from './page-of.ts';
import { storedCopy } from './stored-copy.ts';

export function fakeSyncErrorStore(): SyncErrorStore {
	const rows = new Map<string, Map<string, SyncError>>();
	const of = (profileId: string) => [...(rows.get(profileId)?.values() ?? [])].sort((a, b) => (a.id < b.id ? -1 : 1));
	return {
		async save(profileId, errors) {
			const own = rows.get(profileId) ?? new Map<string, SyncError>();
			rows.set(profileId, own);
			for (const error of errors) own.set(error.id, storedCopy(error));
			const lasts = new Map(errors.map(({ id }) => [errorPlaceId(id), errorIndex(id)]));
			for (const id of own.keys()) if (errorIndex(id) > (lasts.get(errorPlaceId(id)) ?? Infinity)) own.delete(id);
		},
		list: async (profileId, page) => storedCopy(pageOf(of(profileId), page)),
		get: async (profileId, errorId) => storedCopy(rows.get(profileId)?.get(errorId.toUpperCase())),
		count: async (profileId) => of(profileId).length,
		deleteAll: async (profileId) => void rows.delete(profileId),
	};
}
