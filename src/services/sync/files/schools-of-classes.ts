import { columnsOf } from '../../../domain/roster/format/columns.ts';
import type { KindShards } from '../../../domain/sync/course.ts';
import { decodeEntityLine, forEachLine } from '../../../domain/sync/shards/shard-rows.ts';
import type { RunRef } from '../../../ports.ts';
import type { SyncDeps } from '../sync-deps.ts';
import { shardPath } from './roster-paths.ts';
import { forms, readSealed } from './sealed-files.ts';

/** By class, the school that the files give it. */
export type SchoolsOfClasses = ReadonlyMap<string, string>;

export async function schoolsOfClasses(
	{ rosters }: Pick<SyncDeps, 'rosters'>,
	run: RunRef,
	shards: readonly KindShards[],
): Promise<SchoolsOfClasses> {
	const schools = new Map<string, string>();
	const names = columnsOf('section').map(({ name }) => name);
	const [idAt, schoolAt] = [names.indexOf('SIS ID'), names.indexOf('School SIS ID')];
	const count = shards.find(({ kind }) => kind === 'section')?.shards ?? 0;
	for (let shard = 0; shard < count; shard++) {
		const name = `the file of section shard ${shard}`;
		const rows = await readSealed(rosters, { path: shardPath(run, 'section', shard), form: forms.rows, name });
		forEachLine(rows, (start, end) => {
			const { fields } = decodeEntityLine(rows.subarray(start, end));
			schools.set(fields[idAt] ?? '', fields[schoolAt] ?? '');
		});
	}
	return schools;
}
