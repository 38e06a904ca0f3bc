import type { AuditEntry } from '../../../src/domain/events.ts';
import type { AuditStore } from '../../../src/ports.ts';
import { pageOf } from './page-of.ts';

export function fakeAuditStore(): AuditStore {
	const entries = new Map<string, AuditEntry[]>();
	return {
		async append(profileId, entry) {
			const own = (entries.get(profileId) ?? []).filter(({ id }) => id !== entry.id);
			entries.set(profileId, [...own, { ...entry }]);
		},
		list: async (profileId, page) =>
			pageOf(
				(entries.get(profileId) ?? []).sort((a, b) => (a.id < b.id ? -1 : 1)),
				page,
			),
		deleteAll: async (profileId) => void entries.delete(profileId),
	};
}
