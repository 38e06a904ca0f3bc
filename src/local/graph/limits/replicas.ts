import type { DirectoryObject } from '../model/directory-object.ts';
import { seededShare } from './seeded-random.ts';

/** How new objects spread over the replicas of the directory. */
export interface Replication {
	/** Servers that answer by turns as the seed decides; the first one knows everything at once. */
	replicas: number;
	/** After so long, every replica has a new object. */
	delayMs: number;
	seed: number;
}

export const immediateReplication: Replication = { replicas: 1, delayMs: 0, seed: 1 };

/** The replica that answers a request. */
export interface Replica {
	isVisible(object: DirectoryObject): boolean;
	/** Whether queries with `ConsistencyLevel: eventual` find the object. */
	isIndexed(object: DirectoryObject): boolean;
}

export function createReplicas({ replicas, delayMs, seed }: Replication) {
	let requests = 0;
	return {
		pick(nowMs: number): Replica {
			requests += 1;
			const replica = Math.floor(seededShare(seed, `request ${requests}`) * replicas);
			const isIndexed = ({ createdMs }: DirectoryObject) => nowMs - createdMs >= delayMs;
			return {
				isIndexed,
				isVisible(object) {
					if (replica === 0 || isIndexed(object)) return true;
					return nowMs - object.createdMs >= delayMs * seededShare(seed, `${replica} ${object.id}`);
				},
			};
		},
	};
}
