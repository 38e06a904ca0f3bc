import { administrativeUnitRoutes } from './resources/administrative-units.ts';
import { educationRoutes } from './resources/education.ts';
import { groupRoutes } from './resources/groups.ts';
import { licenseRoutes } from './resources/licenses.ts';
import type { Route } from './resources/resource-context.ts';
import { tenantRoutes } from './resources/tenant.ts';
import { userRoutes } from './resources/users.ts';

/** Everything that the server answers, but for `$batch` and tokens. */
export const graphRoutes: readonly Route[] = [
	...educationRoutes,
	...userRoutes,
	...groupRoutes,
	...administrativeUnitRoutes,
	...licenseRoutes,
	...tenantRoutes,
];

export interface RouteMatch {
	route: Route;
	params: Record<string, string>;
}

/** `isKnown` without a match: the path is there for other methods only. */
export function matchRoute(method: string, segments: readonly string[]): { match?: RouteMatch; isKnown: boolean } {
	let isKnown = false;
	for (const { route, pattern } of patternsOf(segments.length)) {
		const params = matchPattern(pattern, segments);
		if (!params) continue;
		isKnown = true;
		if (route.method === method) return { match: { route, params }, isKnown };
	}
	return { isKnown };
}

interface RoutePattern {
	route: Route;
	pattern: readonly string[];
}

const byLength = Map.groupBy(
	graphRoutes.map((route): RoutePattern => ({ route, pattern: route.path.split('/').slice(1) })),
	({ pattern }) => pattern.length,
);

function patternsOf(length: number): readonly RoutePattern[] {
	return byLength.get(length) ?? [];
}

function matchPattern(pattern: readonly string[], segments: readonly string[]): Record<string, string> | undefined {
	const params: Record<string, string> = {};
	for (const [at, part] of pattern.entries()) {
		const segment = segments[at] as string;
		if (part.startsWith('{')) params[part.slice(1, -1)] = segment;
		else if (part.toLowerCase() !== segment.toLowerCase()) return undefined;
	}
	return params;
}
