import type { Profile, ProfileDefinition } from '../../domain/profile.ts';
import { waitingText } from '../../domain/schedule/due-work.ts';
import type { JsonObject } from '../requests/request-body.ts';
import { profileProperties } from './properties.ts';
import {
	isOlderPlace,
	isSetting,
	type ProfileProperty,
	type PropertyTable,
	type Setting,
	wireNameOf,
} from './property.ts';
import { never, shownStatus, type View } from './view.ts';

/** The profile as Graph shows it, with the four members of 2017 that do no harm to newer clients. */
export function profileResource(profile: Profile, view: View, table: PropertyTable = profileProperties): JsonObject {
	const own = shownMembers(table, (key, property) => {
		if (isSetting(property)) return shownSetting(profile, key, property);
		return isOlderPlace(property) ? undefined : property.shownOf(profile, view);
	});
	return { ...own, ...olderPlaces(own, table) };
}

/** The part that a client may set, as it would send it. */
export function definitionResource(
	definition: ProfileDefinition,
	table: PropertyTable = profileProperties,
): JsonObject {
	return shownMembers(table, (key, property) =>
		isSetting(property) ? shownSetting(definition, key, property) : undefined,
	);
}

/** What is undefined is left out. */
function shownMembers(table: PropertyTable, shownOf: (key: string, property: ProfileProperty) => unknown): JsonObject {
	const members = Object.entries(table).map(([key, property]) => [wireNameOf(key, property), shownOf(key, property)]);
	return Object.fromEntries(members.filter(([, value]) => value !== undefined));
}

function shownSetting(definition: ProfileDefinition, key: string, { shown }: Setting): unknown {
	const value = definition[key as keyof ProfileDefinition];
	return shown ? shown(value) : value;
}

/** The same value once more, where older clients look for it. */
function olderPlaces(own: JsonObject, table: PropertyTable): JsonObject {
	return Object.fromEntries(
		Object.entries(table).flatMap(([name, property]) =>
			isOlderPlace(property) ? [[name, (own[property.within] as JsonObject)[name]]] : [],
		),
	);
}

/** https://learn.microsoft.com/graph/api/resources/educationsynchronizationprofilestatus?view=graph-rest-beta */
export function profileStatusResource(profile: Profile, view: View): JsonObject {
	const waiting = waitingText(profile, view.now);
	const message = profile.stateReason ?? profile.statusMessage;
	return {
		id: profile.id,
		status: shownStatus(profile, view),
		lastSynchronizationDateTime: profile.lastSynchronizationDateTime ?? never,
		lastActivityDateTime: profile.lastActivityDateTime ?? never,
		errorCount: profile.errorCount,
		statusMessage: waiting ? [waiting, message].join('\r\n').trimEnd() : message,
	};
}
