interface NameClaim {
	id: string;
	name: string;
}

/** Who has which sign-in name, which is in lower case. */
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
	 * Gives users their names, and answers for each who has the name if it is another one. A name that somebody of the call gives up
	 * is free for the first who wants it, and users who exchange their names do so at once. Of a user who is there twice, the last
	 * name counts.
	 */
	change(claims: readonly NameClaim[]): (string | undefined)[] {
		const wanted = new Map(claims.map(({ id, name }) => [id, name.toLowerCase()]));
		const waiting = new Map(wanted);
		for (;;) {
			const next = this.#firstFree(waiting);
			const moved = next === undefined ? this.#circle(waiting) : [next];
			if (moved.length === 0) break;
			for (const id of moved) this.#leave(id);
			for (const id of moved) this.#give(waiting.get(id) as string, id);
			for (const id of moved) waiting.delete(id);
		}
		return claims.map(({ id }) => (waiting.has(id) ? this.#owners.get(wanted.get(id) as string) : undefined));
	}

	#leave(id: string): void {
		this.#owners.delete(this.#names.get(id) ?? '');
		this.#names.delete(id);
	}

	#give(name: string, id: string): void {
		this.#leave(id);
		this.#owners.set(name, id);
		this.#names.set(id, name);
	}

	/** Who wants a name that nobody else has. */
	#firstFree(waiting: ReadonlyMap<string, string>): string | undefined {
		for (const [id, name] of waiting) if ((this.#owners.get(name) ?? id) === id) return id;
		return undefined;
	}

	/** Some who want the name of the next one, the last that of the first. */
	#circle(waiting: ReadonlyMap<string, string>): string[] {
		const ownerOf = (id: string) => this.#owners.get(waiting.get(id) ?? '') ?? '';
		for (const start of waiting.keys()) {
			const path = [start];
			for (let id = ownerOf(start); waiting.has(id) && !path.includes(id); id = ownerOf(id)) path.push(id);
			if (ownerOf(path.at(-1) as string) === start) return path;
		}
		return [];
	}
}
