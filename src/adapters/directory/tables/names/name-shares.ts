import { nameKey } from '../directory-keys.ts';

/** A user that is to have a sign-in name. */
export interface Wish {
	id: string;
	name: string;
}

/** What becomes of a name that somebody wants, as it is now. */
export interface NameState {
	owner: string;
	/** Whether the owner goes by it. */
	isShown: boolean;
	/** Whether the owner may be about to. */
	isReserved: boolean;
}

export interface Shares<T extends Wish> {
	granted: readonly T[];
	/** Each with whoever has the name then. */
	refused: readonly (T & Waiting)[];
}

interface Waiting extends Wish {
	holder: string;
}

/**
 * Who gets the name that he wants, all at once. What is free goes to the first who wants it, and so does what somebody gives up who gets
 * another one: chains are followed from their free ends, and circles are free in themselves. A chain that ends at somebody who keeps
 * the name stays as it is. `states` has every name that is wanted, by key.
 */
export function shareOut<T extends Wish>(wishes: readonly T[], states: ReadonlyMap<string, NameState>): Shares<T> {
	const heirs = new Map<string, string>();
	const movers: Wish[] = [];
	const grant = (wish: Wish) => {
		const key = nameKey(wish.name);
		if (heirs.has(key)) return;
		heirs.set(key, wish.id);
		movers.push(wish);
	};
	const stateOf = ({ name }: Wish) => states.get(nameKey(name)) as NameState;
	for (const wish of wishes) if (stateOf(wish).owner === wish.id) grant(wish);
	for (const wish of wishes) if (!stateOf(wish).isShown && !stateOf(wish).isReserved) grant(wish);
	const waiting = wishes
		.filter((wish) => stateOf(wish).isShown && !heirs.has(nameKey(wish.name)))
		.map((wish): Waiting => ({ ...wish, holder: stateOf(wish).owner }));
	// Before the chains: should somebody else want a name of theirs too, they could not exchange them any more.
	for (const wish of circles(waiting)) grant(wish);
	const byHolder = Map.groupBy(waiting, ({ holder }) => holder);
	for (const mover of movers) for (const wish of byHolder.get(mover.id) ?? []) grant(wish);
	const heirOf = ({ name }: Wish) => heirs.get(nameKey(name));
	return {
		granted: wishes.filter((wish) => heirOf(wish) === wish.id),
		refused: wishes
			.filter((wish) => heirOf(wish) !== wish.id)
			.map((wish) => ({ ...wish, holder: heirOf(wish) ?? stateOf(wish).owner })),
	};
}

/** Everybody who waits for the next one's name, the last for the first one's. Who waits for somebody of a circle is in none. */
function circles(waiting: readonly Waiting[]): Waiting[] {
	const byId = new Map(waiting.map((user) => [user.id, user]));
	const seen = new Set<string>();
	return waiting.flatMap((start) => {
		const path: Waiting[] = [];
		let at: Waiting | undefined = start;
		while (at && !seen.has(at.id)) {
			seen.add(at.id);
			path.push(at);
			at = byId.get(at.holder);
		}
		const first = at ? path.indexOf(at) : -1;
		return first < 0 ? [] : path.slice(first);
	});
}
