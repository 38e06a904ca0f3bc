import type { AuditEntry } from '../../../src/domain/events.ts';
import type { AuditStore } from '../../../src/ports.ts';
import { pageOf } from './page-of.ts';
import { storedCopy } from './stored-copy.ts';

export function fakeAuditStore(): AuditStore {
	const entries = new Map<string, AuditEntry[]>();
	return {
		async append(profileId, entry) {
			const others = (entries.get(profileId) ?? []).filter(({ id }) => id !== entry.id);
			entries.set(
				profileId,
				[...others, storedCopy(entry)].sort((a, b) => (a.id < b.id ? -1 : 1)),
			);
		},
		list: async (profileId, page) => storedCopy(pageOf(entries.get(profileId) ?? [], page)),
		deleteAll: async (profileId) => void entries.delete(profileId),
	};
}
