import type { ColumnPlan, PlannedColumn } from './column-plan.ts';
import { parseDate } from './dates.ts';
import type { FindingSite } from './finding-log.ts';
import { type Flaw, invalid, type ValueRule, type ValueRuleOptions } from './flaws.ts';
import { headerNames } from './formats.ts';
import type { Header } from './header.ts';
import type { IdRegistry } from './id-registry.ts';
import { rosterFileName } from './kinds.ts';
import type { Row } from './row.ts';
import { valueRule } from './value-rules.ts';

/** A planned column as one file holds it. */
export interface FileColumn extends FindingSite, PlannedColumn {
	/** As the file's format calls it. */
	readonly column: string;
	readonly field: number;
	readonly isTrimmed: boolean;
	/** Undefined if an empty value is fine. */
	readonly whenEmpty: Flaw | undefined;
	readonly judge: ValueRule;
}

const missingValue: Flaw = { rule: 'missing', severity: 'Error', reason: 'is missing' };
const missingSelectedValue: Flaw = { ...missingValue, severity: 'Warning' };

export interface FileColumnSources {
	readonly plan: ColumnPlan;
	readonly header: Header;
	readonly ids: IdRegistry;
	readonly rules: ValueRuleOptions;
}

/** The columns to be read, in canonical order; rules that need other columns or files find them through `row`. */
export function fileColumns(row: Row, { plan, header, ids, rules }: FileColumnSources): readonly FileColumn[] {
	return plan.columns.flatMap((planned) => {
		const field = header.fields.get(planned.definition.name);
		if (planned.need === 'ignored' || field === undefined) return [];
		row.present[planned.place] = 1;
		return {
			...planned,
			column: headerNames(header.format, row.kind, planned.definition.name)[0],
			field,
			// Blanks around a password may be meant.
			isTrimmed: planned.definition.value !== 'password',
			whenEmpty: whenEmpty(planned.need),
			judge:
				planned.definition.value === 'reference'
					? referenceRule(row, planned, ids)
					: withDateOrder(row, planned, { plan, judge: valueRule(planned.definition, rules) }),
		};
	});
}

function whenEmpty(need: PlannedColumn['need']): Flaw | undefined {
	if (need === 'required') return missingValue;
	return need === 'selected' ? missingSelectedValue : undefined;
}

function referenceRule(row: Row, { place, definition }: PlannedColumn, ids: IdRegistry): ValueRule {
	const target = definition.references;
	const table = target && ids.get(target);
	if (!target || !table) return () => undefined;
	const dangling: Flaw = { rule: 'reference', severity: 'Error', reason: `is not in ${rosterFileName(target)}` };
	return (bytes, start, end) => {
		const id = table.find(bytes, start, end);
		row.references[place] = id;
		return id < 0 ? dangling : undefined;
	};
}

function withDateOrder(
	row: Row,
	{ definition }: PlannedColumn,
	{ plan, judge }: { plan: ColumnPlan; judge: ValueRule },
): ValueRule {
	const { notBefore } = definition;
	if (!notBefore) return judge;
	const startPlace = plan.columns.findIndex((each) => each.definition.name === notBefore);
	const tooEarly = invalid(`is before ${notBefore}`);
	return (bytes, start, end) => {
		const flaw = judge(bytes, start, end);
		if (flaw) return flaw;
		const startDate = parseDate(bytes, row.starts[startPlace] as number, row.ends[startPlace] as number);
		return parseDate(bytes, start, end) < startDate ? tooEarly : undefined;
	};
}
