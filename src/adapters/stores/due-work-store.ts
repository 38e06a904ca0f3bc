import type { DueWork, DueWorkStore } from '../../ports.ts';
import { type StorageAccount, statusOf } from '../storage-account.ts';
import { quoted } from '../table-pages.ts';

/** Ids hold none, and neither do times. */
const separator = '|';

/**
 * Table `DueWork`: partition = owner, row = time and subject, so that what is due is the beginning of a partition. `takenUntil` is
 * the lease of whoever works on it; the ETag tells who was first.
 */
export function tableDueWorkStore(account: StorageAccount): DueWorkStore {
	const open = () => account.table('DueWork');
	return {
		async put(work) {
			await (await open()).upsertEntity({ ...keyOf(work), takenUntil: '' }, 'Replace');
		},

		async due(owner, now, limit) {
			const time = now.toISOString();
			// Every subject sorts before "~".
			const filter = `PartitionKey eq ${quoted(owner)} and RowKey lt ${quoted(`${time}${separator}~`)} and takenUntil le ${quoted(time)}`;
			const pages = (await open()).listEntities<{ rowKey: string }>({ queryOptions: { filter } });
			for await (const page of pages.byPage({ maxPageSize: limit })) {
				// The service may give an empty page and a token.
				if (page.length > 0)
					return page.map(({ rowKey, etag }) => ({ work: workOf(owner, rowKey), version: etag as string }));
			}
			return [];
		},

		async take({ work, version }, until) {
			try {
				const entity = { ...keyOf(work), takenUntil: until.toISOString() };
				const { etag } = await (await open()).updateEntity(entity, 'Replace', { etag: version });
				return { work, version: etag as string };
			} catch (error) {
				// 412: taken or put anew since. 404: done since.
				if (statusOf(error) === 412 || statusOf(error) === 404) return undefined;
				throw error;
			}
		},

		async finish({ work, version }) {
			const { partitionKey, rowKey } = keyOf(work);
			try {
				await (await open()).deleteEntity(partitionKey, rowKey, { etag: version });
				return true;
			} catch (error) {
				if (statusOf(error) === 412 || statusOf(error) === 404) return false;
				throw error;
			}
		},

		async subjects(owner) {
			const filter = `PartitionKey eq ${quoted(owner)}`;
			const found = new Set<string>();
			const rows = (await open()).listEntities<{ rowKey: string }>({ queryOptions: { filter, select: ['RowKey'] } });
			for await (const { rowKey } of rows) found.add(workOf(owner, rowKey).subject);
			return found;
		},
	};
}

const keyOf = ({ owner, subject, at }: DueWork) => ({
	partitionKey: owner,
	rowKey: `${at.toISOString()}${separator}${subject}`,
});

function workOf(owner: string, rowKey: string): DueWork {
	const [at, subject] = rowKey.split(separator) as [string, string];
	return { owner, subject, at: new Date(at) };
}
