import type { z } from 'zod';
import type { Profile } from '../../domain/profile.ts';
import type { Properties, PropertyType } from '../odata/scalar.ts';
import type { Direction } from '../openapi/described-shapes.ts';
import type { View } from './view.ts';

/** What an entry of the table in `properties.ts` says. */
export type ProfileProperty = Setting | ServiceProperty | OlderPlace;

/** By the name that the domain gives a property. */
export type PropertyTable = Readonly<Record<string, ProfileProperty>>;

interface Named {
	/** Graph's name, where the domain has another. */
	wireName?: string;
}

interface Asked {
	/**
	 * What `$filter` and `$orderby` may name: the property, or members that it shows, by path. Any property can be selected. An `enum` is
	 * written in the case of a root of 2017 there, and so its input takes any case if clients of those roots may send it back.
	 */
	query?: PropertyType | Properties;
	/** `$search` looks into it. */
	isSearchable?: true;
}

/** A property that clients set, and that is kept in the definition of the profile. */
export interface Setting<Value = unknown> extends Named, Asked {
	/** Further names by which requests know it, in any case. */
	spellings?: readonly string[];
	/** The name that the roots of 2017 show too, beside the later one. */
	nameOf2017?: string;
	/** What requests may send, defaults included, into what the domain keeps. */
	input: z.ZodType<Value>;
	/** Of the same input, what is kept apart and never shown. */
	secrets?: z.ZodType<ProfileSecrets>;
	/** `hidden`: it may be left out, and then no answer has it. Without this, `input` says what an absent one is. */
	whenAbsent?: 'hidden';
	/** As it is, where this is left out. */
	shown?(value: Value): unknown;
	/** For the OpenAPI description. */
	described(direction: Direction): z.ZodType;
}

/** A property that only the service sets. Requests may have it, and nobody looks. */
export interface ServiceProperty extends Named, Asked {
	/** `hidden`: not every answer has it. */
	whenAbsent?: 'hidden';
	shownOf(profile: Profile, view: View): unknown;
	described(): z.ZodType;
}

/** A member of another property that older clients send, and look for, beside it. */
export interface OlderPlace {
	within: string;
	described(direction: Direction): z.ZodType;
}

/** What a request says that must never be shown. */
export interface ProfileSecrets {
	clientSecret?: string;
	notificationSecret?: string;
}

export interface NamedSetting extends Setting {
	key: string;
	/** As clients know it. */
	name: string;
	/** Every name that requests may use; the first that is there counts. */
	names: readonly string[];
}

export const isOlderPlace = (property: ProfileProperty): property is OlderPlace => 'within' in property;
export const isSetting = (property: ProfileProperty): property is Setting => 'input' in property;

export function wireNameOf(key: string, property: ProfileProperty): string {
	return isOlderPlace(property) ? key : (property.wireName ?? key);
}

export function settingsOf(table: PropertyTable): NamedSetting[] {
	return Object.entries(table).flatMap(([key, property]) => {
		if (!isSetting(property)) return [];
		const name = wireNameOf(key, property);
		return { ...property, key, name, names: [...new Set([key, name, ...(property.spellings ?? [])])] };
	});
}
