import type { GroupsRead } from '../../../../src/directory-ports.ts';
import type { MembershipChange, SchoolMembershipChange, WriteOutcome } from '../../../../src/domain/directory.ts';

type Change = Pick<MembershipChange, 'add' | 'remove'>;
type Role = GroupsRead['role'];

/** Of members that no source is known to have added. */
const noSource = '';

/** Who is in which class and school. */
export class FakeMembers {
	readonly #classes = new Places();
	readonly #schools = new Places();

	/** Of a source, all but whom another one has added. */
	ofClass(tenantId: string, classId: string, { role, source }: { role: Role; source?: string | undefined }): string[] {
		if (source === undefined) return this.#classes.among([tenantId, classId, role]);
		const places = [source, noSource].map((each) => this.#classes.at([tenantId, classId, role, each]));
		return [...new Set(places.flat())];
	}

	/** As a source has it. */
	ofSchool(
		tenantId: string,
		{ schoolId, role, source }: Omit<SchoolMembershipChange, keyof Change>,
	): readonly string[] {
		return this.#schools.at([tenantId, schoolId, role, source]);
	}

	/** In the order in which they were added. */
	ofClassAtAll(classId: string, role: Role): readonly string[] {
		return this.#classes.among([classId, role]);
	}

	ofSchoolAtAll(schoolId: string): readonly string[] {
		return this.#schools.among([schoolId]);
	}

	changeClass(
		tenantId: string,
		{ classId, role, source = noSource, wantsOthers, ...change }: MembershipChange,
	): WriteOutcome {
		const named = new Set([...change.add, ...change.remove]);
		const others = this.ofClass(tenantId, classId, { role, source }).filter((id) => !named.has(id));
		const changed = [
			this.#classes.change([tenantId, classId, role, source], change),
			source !== noSource && this.#classes.change([tenantId, classId, role, noSource], { ...change, add: [] }),
		].includes(true);
		return { ok: true, id: classId, changed, ...(wantsOthers ? { others } : {}) };
	}

	changeSchool(tenantId: string, { schoolId, role, source, ...change }: SchoolMembershipChange): WriteOutcome {
		const changed = this.#schools.change([tenantId, schoolId, role, source], change);
		return { ok: true, id: schoolId, changed };
	}
}

/** Sets of ids, each at a place of a few words. */
class Places {
	readonly #sets = new Map<string, { place: readonly string[]; ids: ReadonlySet<string> }>();

	/** In the order in which they were added. */
	at(place: readonly string[]): readonly string[] {
		return [...(this.#sets.get(JSON.stringify(place))?.ids ?? [])];
	}

	/** Of all places that have these words. */
	among(words: readonly string[]): string[] {
		const sets = [...this.#sets.values()].filter(({ place }) => words.every((word) => place.includes(word)));
		return [...new Set(sets.flatMap(({ ids }) => [...ids]))];
	}

	/** Answers whether it made any difference. */
	change(place: readonly string[], { add, remove }: Change): boolean {
		const before = new Set(this.at(place));
		const after = new Set(before);
		for (const id of remove) after.delete(id);
		for (const id of add) after.add(id);
		this.#sets.set(JSON.stringify(place), { place, ids: after });
		return after.size !== before.size || [...after].some((id) => !before.has(id));
	}
}
