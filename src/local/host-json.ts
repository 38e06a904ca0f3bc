/** The part of host.json that this host honours. */
export interface HostJson {
	extensions?: {
		http?: { routePrefix?: string };
		durableTask?: { hubName?: string; maxConcurrentActivityFunctions?: number };
		blobs?: { maxDegreeOfParallelism?: number; poisonBlobThreshold?: number };
	};
}

/** Azure's default per core is 8; two cores stand for a developer's machine that has other things to do. */
const DEFAULT_BLOB_PARALLELISM = 16;
const DEFAULT_ACTIVITIES = 20;
const DEFAULT_POISON_THRESHOLD = 5;

/** host.json with Azure's defaults filled in. */
export function readHostJson({ extensions = {} }: HostJson) {
	const { http, durableTask, blobs } = extensions;
	return {
		routePrefix: http?.routePrefix ?? 'api',
		hubName: durableTask?.hubName ?? 'TestHubName',
		maxConcurrentActivities: durableTask?.maxConcurrentActivityFunctions ?? DEFAULT_ACTIVITIES,
		maxDegreeOfParallelism: blobs?.maxDegreeOfParallelism ?? DEFAULT_BLOB_PARALLELISM,
		poisonBlobThreshold: blobs?.poisonBlobThreshold ?? DEFAULT_POISON_THRESHOLD,
	};
}
