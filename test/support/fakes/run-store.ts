import { type Run, type RunProgress, sumOfProgress } from '../../../src/domain/run.ts';
import { runStartTime } from '../../../src/domain/run-id.ts';
import type { RunRef, RunStore } from '../../../src/ports.ts';
import { pageOf } from './page-of.ts';
import { storedCopy } from './stored-copy.ts';

export function fakeRunStore(...runs: readonly Run[]): RunStore {
	const rows = new Map<string, Run>();
	const progress = new Map<string, RunProgress>();
	const save = (run: Run) => rows.set(`${run.profileId}/${run.id}`, storedCopy(run));
	const prefix = ({ profileId, runId }: RunRef) => `${profileId}/${runId}/`;
	runs.forEach(save);
	return {
		async save(run) {
			save(run);
		},

		async get(profileId, runId) {
			return storedCopy(rows.get(`${profileId}/${runId}`));
		},

		async list(profileId, page) {
			const own = [...rows.values()].filter((run) => run.profileId === profileId);
			return storedCopy(
				pageOf(
					own.sort((a, b) => (a.id < b.id ? -1 : 1)),
					page,
				),
			);
		},

		async reportProgress(run, step, reported) {
			progress.set(`${prefix(run)}${step}`, { ...reported });
		},

		async progressOf(run, phase) {
			const own = [...progress].filter(([key]) => key.startsWith(`${prefix(run)}${phase}/`));
			return sumOfProgress(own.map(([, each]) => each));
		},

		async deleteOlder(profileId, before, keep) {
			for (const { id } of [...rows.values()].filter((run) => run.profileId === profileId)) {
				if (keep.has(id) || runStartTime(id) >= before) continue;
				rows.delete(`${profileId}/${id}`);
				for (const key of progress.keys()) if (key.startsWith(`${profileId}/${id}/`)) progress.delete(key);
			}
		},

		async deleteAll(profileId) {
			for (const rowsOrProgress of [rows, progress]) {
				for (const key of rowsOrProgress.keys()) if (key.startsWith(`${profileId}/`)) rowsOrProgress.delete(key);
			}
		},
	};
}
