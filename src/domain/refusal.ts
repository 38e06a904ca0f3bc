import type { RosterKind } from './roster/format/kinds.ts';

/**
 * A set of uploads that verification refused. Its files stay where they are, so that one mended file is enough next time; until
 * they are replaced they are stale.
 */
export interface Refusal {
	runId: string;
	/** Names the set, see `uploadSetId`. */
	setId: string;
	/** Nobody asked for the verification: the files had rested. */
	byDrop: boolean;
	/** Which versions of the files were refused. */
	etags: Readonly<Partial<Record<RosterKind, string>>>;
	/** Whose files an error names, missing ones too. */
	faultyKinds: readonly RosterKind[];
	/** The settings have changed since: the same files may pass now. */
	isOutdated?: true;
}

type Versions = ReadonlyMap<RosterKind, { etag: string }>;

/** The kinds whose upload is still the one that was refused. */
export function staleKinds(uploads: Versions, refusal: Refusal | undefined): readonly RosterKind[] {
	return [...uploads].filter(([kind, { etag }]) => refusal?.etags[kind] === etag).map(([kind]) => kind);
}

/**
 * Whether a complete set may start by itself: all of it is new, or exactly what the refusal named was replaced. Whoever has
 * replaced anything else is replacing everything, and is not done.
 */
export function mayStartByItself(uploads: Versions, refusal: Refusal | undefined): boolean {
	const stale = staleKinds(uploads, refusal);
	if (!refusal || stale.length === 0) return true;
	const { faultyKinds } = refusal;
	const isMended = faultyKinds.length > 0 && faultyKinds.every((kind) => uploads.has(kind) && !stale.includes(kind));
	return isMended && uploads.size - stale.length === faultyKinds.length;
}
