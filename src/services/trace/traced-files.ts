import { FindingPicker, type ReportedFinding } from '../../domain/trace/finding-picker.ts';
import { type Picking, RowPicker } from '../../domain/trace/row-picker.ts';
import { reportPath, sourcePath } from '../sync/files/roster-paths.ts';
import type { TraceScope } from './trace-scope.ts';

/** Reads one of the accepted files, once and as a stream. */
export async function pickRows({ deps, source }: TraceScope, picking: Picking): Promise<RowPicker> {
	const picker = new RowPicker(picking);
	const chunks = source && (await deps.rosters.read(sourcePath(source, picking.kind)));
	if (!chunks) return picker;
	for await (const chunk of chunks) if (!picker.write(chunk)) break;
	picker.end();
	return picker;
}

/** Reads the report of the last verification. */
export async function pickFindings(
	{ deps, report }: TraceScope,
	isWanted: (finding: ReportedFinding) => boolean,
): Promise<readonly ReportedFinding[]> {
	const picker = new FindingPicker(isWanted);
	const chunks = report && (await deps.rosters.read(reportPath(report)));
	if (!chunks) return [];
	for await (const chunk of chunks) if (!picker.write(chunk)) break;
	picker.end();
	return picker.findings;
}
