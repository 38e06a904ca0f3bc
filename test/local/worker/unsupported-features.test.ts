import { expect, test } from 'vitest';
import { findUnsupportedFeatures } from '../../../src/local/worker/unsupported-features.ts';
import type { Binding, RegisteredFunction } from '../../../src/local/worker/worker-contract.ts';

function functionWith(trigger: Partial<Binding>, ...others: Partial<Binding>[]): RegisteredFunction {
	const bindings = [trigger, ...others].map((part, index): Binding => {
		return { name: `binding${index}`, type: 'httpTrigger', direction: 'in', ...part };
	});
	return { id: 'sample', name: 'sample', trigger: bindings[0] as Binding, bindings };
}

test('everything that the host has is accepted', () => {
	const functions = [
		functionWith({ type: 'httpTrigger', authLevel: 'anonymous' }, { type: 'http', direction: 'out', name: '$return' }),
		functionWith({ type: 'timerTrigger' }, { type: 'durableClient' }),
		functionWith({ type: 'blobTrigger', source: 'EventGrid' }),
		functionWith({ type: 'orchestrationTrigger' }),
		functionWith({ type: 'activityTrigger' }),
	];
	expect(findUnsupportedFeatures(functions)).toEqual([]);
});

test.each<[string, Partial<Binding>, Partial<Binding>[]]>([
	['queueTrigger', { type: 'queueTrigger' }, []],
	['entityTrigger', { type: 'entityTrigger' }, []],
	['function', { authLevel: 'function' }, []],
	['LogsAndContainerScan', { type: 'blobTrigger' }, []],
	['output binding "queue"', {}, [{ type: 'queue', direction: 'out' }]],
	['input binding "table"', {}, [{ type: 'table', direction: 'in' }]],
])('%s is refused by name, with the name of the function', (feature, trigger, others) => {
	const found = findUnsupportedFeatures([functionWith(trigger, ...others)]);
	expect(found).toHaveLength(1);
	expect(found[0]).toContain(feature);
	expect(found[0]).toContain('function "sample"');
});

test('a retry policy is accepted on a timer only, as Azure honours it nowhere else', () => {
	const retryOptions = { maxRetryCount: 1, retryStrategy: 'fixedDelay' as const };
	expect(findUnsupportedFeatures([{ ...functionWith({ type: 'timerTrigger' }), retryOptions }])).toEqual([]);
	expect(findUnsupportedFeatures([{ ...functionWith({}), retryOptions }])).toHaveLength(1);
});
