/** The part of host.json that this host honours. */
export interface HostJson {
	extensions?: {
		http?: { routePrefix?: string };
		durableTask?: { hubName?: string; maxConcurrentActivityFunctions?: number };
		blobs?: { maxDegreeOfParallelism?: number; poisonBlobThreshold?: number };
	};
}

/** Azure's default per core is 8; two cores stand for a developer's machine that has other things to do. */
const defaultBlobParallelism = 16;
const defaultActivities = 20;
const defaultPoisonThreshold = 5;

/** host.json with Azure's defaults filled in. */
export function readHostJson({ extensions = {} }: HostJson) {
	const { http, durableTask, blobs } = extensions;
	return {
		routePrefix: http?.routePrefix ?? 'api',
		hubName: durableTask?.hubName ?? 'TestHubName',
		maxConcurrentActivities: durableTask?.maxConcurrentActivityFunctions ?? defaultActivities,
		maxDegreeOfParallelism: blobs?.maxDegreeOfParallelism ?? defaultBlobParallelism,
		poisonBlobThreshold: blobs?.poisonBlobThreshold ?? defaultPoisonThreshold,
	};
}
