export interface NameClaim {
	id: string;
	name: string;
}

/** Who has which sign-in name: ids and names, each in lower case. */
export class FakeNames {
	readonly #owners = new Map<string, string>();
	readonly #names = new Map<string, string>();

	constructor(users: Iterable<NameClaim>) {
		for (const { id, name } of users) this.#give(name.toLowerCase(), id);
	}

	ownersOf(matches: (lowerCaseName: string) => boolean): string[] {
		return [...this.#owners].filter(([name]) => matches(name)).map(([, id]) => id);
	}

	/**
	 * Gives users their names, and answers for each who has the name if it is another one. Names that others of the call give up are
	 * free as soon as those have theirs, and where users exchange names, all get theirs.
	 */
	change(claims: readonly NameClaim[]): (string | undefined)[] {
		const wanted = claims.map(({ id, name }) => ({ id, name: name.toLowerCase() }));
		let waiting = wanted;
		for (;;) {
			const left = waiting.filter(({ id, name }) => !this.#take(name, id));
			if (left.length === waiting.length && !this.#breakCircle(left)) break;
			waiting = left;
		}
		return wanted.map(({ id, name }) => {
			const owner = this.#owners.get(name);
			return owner === id ? undefined : owner;
		});
	}

	#take(name: string, id: string): boolean {
		const owner = this.#owners.get(name);
		if (owner !== undefined && owner !== id) return false;
		this.#give(name, id);
		return true;
	}

	#give(name: string, id: string): void {
		this.#owners.delete(this.#names.get(id) ?? '');
		this.#owners.set(name, id);
		this.#names.set(id, name);
	}

	/** Takes the name from one of those who wait for each other in a circle. */
	#breakCircle(waiting: readonly NameClaim[]): boolean {
		const holderOf = new Map(waiting.map(({ id, name }) => [id, this.#owners.get(name)]));
		for (const start of holderOf.keys()) {
			const path = new Set<string>();
			let at: string | undefined = start;
			while (at !== undefined && holderOf.has(at) && !path.has(at)) {
				path.add(at);
				at = holderOf.get(at);
			}
			if (at !== start) continue;
			this.#owners.delete(this.#names.get(start) ?? '');
			this.#names.delete(start);
			return true;
		}
		return false;
	}
}
