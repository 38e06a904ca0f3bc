import fc from 'fast-check';
import { expect, test } from 'vitest';
import { MembershipList } from '../../../../src/domain/roster/format/membership-list.ts';

type Pair = readonly [section: number, user: number, line: number];

function repeatedOf(pairs: readonly Pair[], counts: { sections: number; users: number }): Pair[] {
	const list = new MembershipList();
	for (const pair of pairs) list.add(...pair);
	const repeated: Pair[] = [];
	list.forEachRepeated({ ...counts, seed: 5 }, (...pair) => repeated.push(pair));
	return repeated;
}

function expectedOf(pairs: readonly Pair[]): Pair[] {
	const seen = new Set<string>();
	return pairs.filter(([section, user]) => {
		const isRepeated = seen.has(`${section} ${user}`);
		seen.add(`${section} ${user}`);
		return isRepeated;
	});
}

test('names every row whose pair stood in an earlier row, in order of line', () => {
	const entry = fc.tuple(fc.nat(5), fc.nat(7), fc.integer({ min: 1, max: 3 }));
	fc.assert(
		fc.property(fc.array(entry, { maxLength: 80 }), (entries) => {
			let line = 1;
			const pairs = entries.map(([section, user, gap]): Pair => {
				line += gap;
				return [section, user, line];
			});
			expect(repeatedOf(pairs, { sections: 6, users: 8 })).toEqual(expectedOf(pairs));
		}),
		{ seed: 5 },
	);
});

test('keeps lines right over many blocks, with and without gaps', () => {
	const pairs = Array.from({ length: 200_000 }, (_, each): Pair => {
		const isRepeat = each === 70_000 || each === 199_999;
		return [each % 400, isRepeat ? 0 : Math.floor(each / 400), each + 2 + (each > 150_000 ? 3 : 0)];
	});
	const repeated = repeatedOf(pairs, { sections: 400, users: 500 });
	expect(repeated).toEqual(expectedOf(pairs));
	expect(repeated.map(([, , line]) => line)).toEqual([70_002, 200_004]);
});
