import { PairSet } from './pair-set.ts';

const blockEntries = 65_536;

interface Block {
	sections: Uint32Array;
	users: Uint32Array;
	firstLine: number;
	/** Only where the rows are not on consecutive lines. */
	lines?: Uint32Array;
}

/**
 * The pairs of an enrollment or roster file, 8 bytes each, to find the repeated ones at the end in linear time.
 * Blocks instead of one growing array: doubling would hold the pairs twice.
 */
export class MembershipList {
	readonly #blocks: Block[] = [];
	#size = 0;

	add(section: number, user: number, line: number): void {
		const entry = this.#size % blockEntries;
		if (entry === 0) this.#blocks.push(emptyBlock(line));
		const block = this.#blocks.at(-1) as Block;
		block.sections[entry] = section;
		block.users[entry] = user;
		if (!block.lines && line !== block.firstLine + entry) block.lines = consecutiveLines(block.firstLine);
		if (block.lines) block.lines[entry] = line;
		this.#size++;
	}

	/** Visits every pair that stood in an earlier row, in order of line. */
	forEachRepeated(
		counts: { sections: number; users: number; seed: number },
		visit: (section: number, user: number, line: number) => void,
	): void {
		const repeated = this.#repeatedPairs(counts);
		if (repeated.size === 0) return;
		const seen = new Uint8Array(repeated.size);
		this.#forEach((section, user, line) => {
			const place = repeated.find(section, user);
			if (place < 0) return;
			if (seen[place]) visit(section, user, line);
			seen[place] = 1;
		});
	}

	/** A counting sort by section, then a stamp per user: who bears the section's stamp already is in it twice. */
	#repeatedPairs({ sections, users, seed }: { sections: number; users: number; seed: number }): PairSet {
		const ends = new Uint32Array(sections);
		this.#forEach((section) => {
			ends[section] = (ends[section] as number) + 1;
		});
		for (let section = 1; section < sections; section++) {
			ends[section] = (ends[section] as number) + (ends[section - 1] as number);
		}
		// Filled from behind, so that each end becomes the start of its section.
		const members = new Uint32Array(this.#size);
		this.#forEach((section, user) => {
			const place = (ends[section] as number) - 1;
			ends[section] = place;
			members[place] = user;
		});
		const repeated = new PairSet(seed);
		const stamps = new Uint32Array(users);
		for (let section = 0; section < sections; section++) {
			const end = section + 1 < sections ? (ends[section + 1] as number) : this.#size;
			for (let place = ends[section] as number; place < end; place++) {
				const user = members[place] as number;
				if (stamps[user] === section + 1) repeated.add(section, user);
				stamps[user] = section + 1;
			}
		}
		return repeated;
	}

	#forEach(visit: (section: number, user: number, line: number) => void): void {
		let left = this.#size;
		for (const { sections, users, firstLine, lines } of this.#blocks) {
			const count = Math.min(blockEntries, left);
			for (let entry = 0; entry < count; entry++) {
				visit(sections[entry] as number, users[entry] as number, lines ? (lines[entry] as number) : firstLine + entry);
			}
			left -= count;
		}
	}
}

function emptyBlock(firstLine: number): Block {
	return { sections: new Uint32Array(blockEntries), users: new Uint32Array(blockEntries), firstLine };
}

function consecutiveLines(first: number): Uint32Array {
	return Uint32Array.from({ length: blockEntries }, (_, entry) => first + entry);
}
