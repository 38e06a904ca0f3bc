import { membershipConclusion } from './membership-conclusion.ts';
import { recordConclusion } from './record-conclusion.ts';
import type { Trace } from './traced-facts.ts';

/**
 * The answer in plain sentences, the one that was asked for first: of a person and a class, how it is with the two; of a person, where she
 * is and why not elsewhere; of a class, how it is with that.
 */
export function conclusionsOf(trace: Trace): string[] {
	const { context, people, sections, memberships, asked } = trace;
	const ofMemberships = memberships.map((membership) => membershipConclusion(membership, trace));
	const ofPeople = people.map((person) => recordConclusion(person, context));
	const ofSections = sections.map((section) => recordConclusion(section, context));
	if (asked === 'both') return [...ofMemberships, ...ofPeople, ...ofSections];
	return asked === 'user' ? [...ofPeople, ...ofMemberships] : ofSections;
}
