import type { KeyTable } from '../csv/key-table.ts';
import type { Row } from '../csv/row.ts';
import type { FindingSite } from '../findings/finding-log.ts';
import { type Flaw, invalid, type ValueRule, type ValueRuleOptions } from '../rules/flaws.ts';
import type { IdRegistry } from '../rules/id-registry.ts';
import { isRoundedNumber, lostZeros, roundedNumber } from '../rules/spreadsheet-damage.ts';
import { valueRule } from '../rules/value-rules.ts';
import type { ColumnPlan, PlannedColumn } from './column-plan.ts';
import { parseDate } from './dates.ts';
import { headerNames } from './formats.ts';
import type { Header } from './header.ts';
import { rosterFileName } from './kinds.ts';

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

const missingValue: Flaw = { rule: 'missing', severity: 'Error', reason: 'is missing', cure: 'Enter a value.' };
const missingSelectedValue: Flaw = {
	...missingValue,
	severity: 'Warning',
	cure: 'Enter a value, or take the column out of optionalPropertiesToSync.',
};

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
			judge: judgeOf(row, planned, { plan, header, ids, rules }),
		};
	});
}

function whenEmpty(need: PlannedColumn['need']): Flaw | undefined {
	if (need === 'required') return missingValue;
	return need === 'selected' ? missingSelectedValue : undefined;
}

function judgeOf(row: Row, planned: PlannedColumn, { plan, ids, rules }: FileColumnSources): ValueRule {
	const { references, notBefore } = planned.definition;
	const table = references && ids.get(references);
	if (references && table) return referenceRule(row, planned.place, { table, fileName: rosterFileName(references) });
	const judge = valueRule(planned.definition, rules);
	const startPlace = plan.columns.findIndex(({ definition }) => definition.name === notBefore);
	return startPlace < 0 ? judge : dateOrderRule(row, startPlace, { judge, reason: `is before ${notBefore}` });
}

/** References count by bytes: ids differ if their case does. */
function referenceRule(row: Row, place: number, target: { table: KeyTable; fileName: string }): ValueRule {
	const { table, fileName } = target;
	const { references } = row;
	const dangling: Flaw = {
		rule: 'reference',
		severity: 'Error',
		reason: `is not in ${fileName}`,
		cure: `Correct the id, or add its row to ${fileName}.`,
		diagnose: (value) => {
			if (isRoundedNumber(value, 0, value.length)) return roundedNumber;
			return lostZeros(value, (id) => table.find(id, 0, id.length) >= 0, fileName);
		},
	};
	return (bytes, start, end) => {
		const id = table.find(bytes, start, end);
		references[place] = id;
		return id < 0 ? dangling : undefined;
	};
}

/** The start date stands in an earlier place, so it has been read when the end date is judged. */
function dateOrderRule(row: Row, startPlace: number, end: { judge: ValueRule; reason: string }): ValueRule {
	const tooEarly = invalid(end.reason, 'Correct one of the two dates.');
	return (bytes, from, to) => {
		const flaw = end.judge(bytes, from, to);
		if (flaw) return flaw;
		const startDate = parseDate(bytes, row.starts[startPlace] as number, row.ends[startPlace] as number);
		return parseDate(bytes, from, to) < startDate ? tooEarly : undefined;
	};
}
