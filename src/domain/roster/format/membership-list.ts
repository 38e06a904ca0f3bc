import { PairSet } from '../csv/pair-set.ts';

const blockEntries = 65_536;

interface Block {
	sections: Uint32Array;
	users: Uint32Array;
	count: number;
	firstLine: number;
	/** Only where the rows are not on consecutive lines. */
	lines?: Uint32Array;
}

/** Of the ids that pairs are made of. */
export interface IdCounts {
	sections: number;
	users: number;
	seed: number;
}

/**
 * The pairs of an enrollment or roster file, 8 bytes each, to find the repeated ones at the end in linear time.
 * Blocks instead of one growing array: doubling would hold the pairs twice.
 */
export class MembershipList {
	readonly #blocks: Block[] = [];
	#last: Block | undefined;
	#size = 0;

	add(section: number, user: number, line: number): void {
		if (!this.#last || this.#last.count === blockEntries) {
			this.#last = emptyBlock(line);
			this.#blocks.push(this.#last);
		}
		const block = this.#last;
		const entry = block.count++;
		block.sections[entry] = section;
		block.users[entry] = user;
		if (!block.lines && line !== block.firstLine + entry) block.lines = consecutiveLines(block.firstLine);
		if (block.lines) block.lines[entry] = line;
		this.#size++;
	}

	/** Visits every pair that stood in an earlier row, in order of line. */
	forEachRepeated(counts: IdCounts, visit: (section: number, user: number, line: number) => void): void {
		const repeated = this.#repeatedPairs(counts);
		if (repeated.size === 0) return;
		const seen = new Uint8Array(repeated.size);
		for (const { sections, users, count, firstLine, lines } of this.#blocks) {
			for (let entry = 0; entry < count; entry++) {
				const section = sections[entry] as number;
				const user = users[entry] as number;
				const place = repeated.find(section, user);
				if (place < 0) continue;
				if (seen[place]) visit(section, user, lines ? (lines[entry] as number) : firstLine + entry);
				seen[place] = 1;
			}
		}
	}

	/** A counting sort by section, then a stamp per user: who bears the section's stamp already is in it twice. */
	#repeatedPairs({ sections, users, seed }: IdCounts): PairSet {
		const repeated = new PairSet(seed);
		const { starts, members } = this.#bySection(sections);
		const stamps = new Uint32Array(users);
		for (let section = 0; section < sections; section++) {
			const end = starts[section + 1] as number;
			for (let place = starts[section] as number; place < end; place++) {
				const user = members[place] as number;
				if (stamps[user] === section + 1) repeated.add(section, user);
				stamps[user] = section + 1;
			}
		}
		return repeated;
	}

	/** The users of section `s` are `members` from `starts[s]` to `starts[s + 1]`. */
	#bySection(sections: number): { starts: Uint32Array; members: Uint32Array } {
		const starts = new Uint32Array(sections + 1);
		for (const block of this.#blocks) {
			for (let entry = 0; entry < block.count; entry++) {
				const section = block.sections[entry] as number;
				starts[section] = (starts[section] as number) + 1;
			}
		}
		for (let section = 1; section <= sections; section++) {
			starts[section] = (starts[section] as number) + (starts[section - 1] as number);
		}
		// Each section is filled from its end, so that its end becomes its start.
		const members = new Uint32Array(this.#size);
		for (const block of this.#blocks) {
			for (let entry = 0; entry < block.count; entry++) {
				const section = block.sections[entry] as number;
				const place = (starts[section] as number) - 1;
				starts[section] = place;
				members[place] = block.users[entry] as number;
			}
		}
		return { starts, members };
	}
}

function emptyBlock(firstLine: number): Block {
	return { sections: new Uint32Array(blockEntries), users: new Uint32Array(blockEntries), count: 0, firstLine };
}

function consecutiveLines(first: number): Uint32Array {
	return Uint32Array.from({ length: blockEntries }, (_, entry) => first + entry);
}
