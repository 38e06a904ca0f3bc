import type { VerificationOptions } from '../verification-options.ts';
import { type Column, columnsOf, findColumn, isLegacyColumn } from './columns.ts';
import { headerNames } from './formats.ts';
import type { Header } from './header.ts';
import type { RosterKind } from './kinds.ts';

/** What a profile wants of one file, whatever the file holds. */
export interface ColumnPlan {
	/** In canonical order. */
	readonly columns: readonly PlannedColumn[];
	/** Named by the profile, but no column of this kind. */
	readonly unknownMatchingColumn?: string;
	readonly unknownProperties: readonly string[];
}

export interface PlannedColumn {
	/** Place in `columnsOf(kind)`. */
	readonly place: number;
	readonly definition: Column;
	/** `selected`: the profile names it, so that gaps are worth a warning. `ignored`: not checked, not synced. */
	readonly need: 'required' | 'selected' | 'optional' | 'ignored';
	readonly isMatching: boolean;
}

export function planColumns(kind: RosterKind, options: VerificationOptions): ColumnPlan {
	const selection = options.optionalColumns[kind];
	const selected = new Set(selection?.map((name) => findColumn(kind, name)?.name));
	const matchingName = kind === 'student' || kind === 'teacher' ? options.matchingColumns[kind] : undefined;
	const matching = matchingName === undefined ? undefined : findColumn(kind, matchingName);
	const needOf = (column: Column): PlannedColumn['need'] => {
		if (column === matching || column.required === 'always') return 'required';
		if (column.required === 'whenCreatingUsers' && options.createsUsers) return 'required';
		// A password that nobody will use is not taken in at all.
		if (column.value === 'password') return 'ignored';
		if (selected.has(column.name)) return 'selected';
		return selection && column.required === 'optional' ? 'ignored' : 'optional';
	};
	return {
		columns: columnsOf(kind).map((column, place) => ({
			place,
			definition: column,
			need: needOf(column),
			isMatching: column === matching,
		})),
		...(matchingName !== undefined && !matching ? { unknownMatchingColumn: matchingName } : {}),
		unknownProperties: (selection ?? []).filter((name) => !findColumn(kind, name) && !isLegacyColumn(kind, name)),
	};
}

/** What the first row of a file says. */
export interface HeaderPlace {
	readonly kind: RosterKind;
	readonly header: Header;
}

/** As the file's format calls the columns of this need that the header lacks. */
export function missingColumns(plan: ColumnPlan, need: PlannedColumn['need'], at: HeaderPlace): readonly string[] {
	const missing = plan.columns.filter((each) => each.need === need && !at.header.fields.has(each.definition.name));
	const names: string[] = missing.map(({ definition }) => headerNames(at.header.format, at.kind, definition.name)[0]);
	if (need === 'required' && plan.unknownMatchingColumn !== undefined) names.push(plan.unknownMatchingColumn);
	return names;
}

/** As the file's format calls all columns that the header lacks. */
export function lackingHeaders({ kind, header }: HeaderPlace): readonly string[] {
	const lacking = columnsOf(kind).filter(({ name }) => !header.fields.has(name));
	return lacking.map(({ name }) => headerNames(header.format, kind, name)[0]);
}
