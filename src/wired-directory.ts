import { estimateOf } from './adapters/directory/graph/graph-estimate.ts';
import { tableDirectory } from './adapters/directory/tables/table-directory.ts';
import type { StorageAccount } from './adapters/storage-account.ts';
import type { Directory } from './directory-ports.ts';
import type { DirectorySettings } from './settings.ts';

/** What syncs write to, and how much at a time. */
interface WiredDirectory {
	directory: Directory;
	/** Small enough that a kill, a pause or a quota costs little; large enough that a step is worth its messages. */
	recordsPerSlice: number;
}

/** Four slices side by side share the quota of writes: a thousand records of each take some minutes. */
const recordsPerSlice = { embedded: 10_000, graph: 1_000 } as const;

export function wiredDirectory(
	settings: DirectorySettings,
	account: StorageAccount,
	onThrottle: () => void,
): WiredDirectory {
	if (settings.kind === 'embedded')
		return { directory: tableDirectory(account), recordsPerSlice: recordsPerSlice.embedded };
	return {
		directory: loadedLate(settings.strategy, async () => {
			const { openGraphDirectory } = await import('./adapters/directory/graph/open-graph-directory.ts');
			return openGraphDirectory(settings, account, onThrottle);
		}),
		recordsPerSlice: recordsPerSlice.graph,
	};
}

/** Most invocations write nothing, and need not load what writes. */
function loadedLate(strategy: 'packed' | 'education', load: () => Promise<Directory>): Directory {
	let loading: Promise<Directory> | undefined;
	const loaded = () => {
		loading ??= load();
		// A failure must not be remembered: the next caller tries again.
		loading.catch(() => {
			loading = undefined;
		});
		return loading;
	};
	return {
		putSchools: async (...call) => (await loaded()).putSchools(...call),
		putUsers: async (...call) => (await loaded()).putUsers(...call),
		putClasses: async (...call) => (await loaded()).putClasses(...call),
		changeMembers: async (...call) => (await loaded()).changeMembers(...call),
		classMembers: async (...call) => (await loaded()).classMembers(...call),
		schoolMembers: async (...call) => (await loaded()).schoolMembers(...call),
		changeSchoolMembers: async (...call) => (await loaded()).changeSchoolMembers(...call),
		estimate: (planned) => estimateOf(planned, strategy),
		usersNamed: async (...call) => (await loaded()).usersNamed(...call),
		describe: async (...call) => (await loaded()).describe(...call),
		rekey: async (...call) => (await loaded()).rekey(...call),
	};
}
