import type { RegisteredFunction } from './worker-contract.ts';

const triggerTypes = new Set(['httptrigger', 'timertrigger', 'blobtrigger', 'orchestrationtrigger', 'activitytrigger']);
const otherBindings = new Set(['http', 'durableclient']);

/**
 * One sentence for each feature that an app uses and this host does not have. The host refuses such an app: a function
 * that silently never runs would look like a bug of the app.
 */
export function findUnsupportedFeatures(functions: readonly RegisteredFunction[]): string[] {
	return functions.flatMap((registered) =>
		unsupportedIn(registered).map((feature) => `function "${registered.name}" uses ${feature}`),
	);
}

function unsupportedIn({ trigger, bindings, retryOptions }: RegisteredFunction): string[] {
	const found: string[] = [];
	const type = trigger.type.toLowerCase();
	if (!triggerTypes.has(type)) return [`the trigger "${trigger.type}"`];
	for (const binding of bindings) {
		if (binding !== trigger && !otherBindings.has(binding.type.toLowerCase())) {
			found.push(`the ${binding.direction === 'in' ? 'input' : 'output'} binding "${binding.type}"`);
		}
	}
	const authLevel = String(trigger.authLevel ?? 'anonymous').toLowerCase();
	if (type === 'httptrigger' && authLevel !== 'anonymous') found.push(`the authorization level "${trigger.authLevel}"`);
	if (type === 'blobtrigger' && String(trigger.source).toLowerCase() !== 'eventgrid') {
		found.push(`a blob trigger with source "${trigger.source ?? 'LogsAndContainerScan'}" instead of "EventGrid"`);
	}
	// Azure ignores a retry policy everywhere else; to ignore it here as well would hide the mistake.
	if (retryOptions && type !== 'timertrigger') found.push(`a retry policy on the trigger "${trigger.type}"`);
	return found;
}
