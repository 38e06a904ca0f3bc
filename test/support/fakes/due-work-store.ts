import type { DueWork, DueWorkStore } from '../../../src/ports.ts';

export interface FakeDueWorkStore extends DueWorkStore {
	/** What is there, earliest first; of what is taken, until when. */
	readonly rows: readonly (DueWork & { takenUntil?: Date })[];
	/** What a crash of storage does. */
	lose(subject: string): void;
}

interface Row {
	work: DueWork;
	version: string;
	takenUntil: Date | undefined;
}

export function fakeDueWorkStore(): FakeDueWorkStore {
	const rows = new Map<string, Row>();
	let versions = 0;
	const keyOf = ({ owner, subject, at }: DueWork) => `${owner}/${at.toISOString()}/${subject}`;
	const inOrder = () => [...rows].sort(([left], [right]) => (left < right ? -1 : 1)).map(([, row]) => row);
	const current = ({ work, version }: { work: DueWork; version: string }) => {
		const row = rows.get(keyOf(work));
		return row?.version === version ? row : undefined;
	};
	const write = (work: DueWork, takenUntil?: Date) => {
		const row = { work: structuredClone(work), version: String(++versions), takenUntil };
		rows.set(keyOf(work), row);
		return { work: row.work, version: row.version };
	};
	return {
		get rows() {
			const byTime = inOrder().sort((left, right) => left.work.at.getTime() - right.work.at.getTime());
			return byTime.map(({ work, takenUntil }) => ({ ...work, ...(takenUntil ? { takenUntil } : {}) }));
		},
		lose(subject) {
			for (const [key, { work }] of rows) if (work.subject === subject) rows.delete(key);
		},
		put: async (work) => void write(work),
		async due(owner, now, limit) {
			const isFree = ({ takenUntil }: Row) => takenUntil === undefined || takenUntil <= now;
			return inOrder()
				.filter((row) => row.work.owner === owner && row.work.at <= now && isFree(row))
				.slice(0, limit)
				.map(({ work, version }) => ({ work: structuredClone(work), version }));
		},
		take: async (stored, until) => (current(stored) ? write(stored.work, until) : undefined),
		finish: async (taken) => current(taken) !== undefined && rows.delete(keyOf(taken.work)),
		subjects: async (owner) => new Set(inOrder().flatMap(({ work }) => (work.owner === owner ? [work.subject] : []))),
	};
}
