/**
 * Keys of the rows of one instance. All of them share the instance's partition, so that one transaction can hold them.
 */
export const instanceRow = 'instance';

/** Digits enough for 1,000 events a second over three years. */
const indexDigits = 11;

/** Microseconds since 1970 have 16 digits until the year 2286. */
const sequenceDigits = 17;

export function historyRowKey(executionId: string, index: number): string {
	return `h-${executionId}-${String(index).padStart(indexDigits, '0')}`;
}

export function messageRowKey(sequence: number): string {
	return `q-${String(sequence).padStart(sequenceDigits, '0')}`;
}

/** Which row a key stands for. */
export function parseRowKey(
	rowKey: string,
): { kind: 'history'; executionId: string; index: number } | { kind: 'message' } | { kind: 'instance' } {
	const [prefix, executionId = '', index] = rowKey.split('-');
	if (prefix === 'h') return { kind: 'history', executionId, index: Number(index) };
	return { kind: prefix === 'q' ? 'message' : 'instance' };
}

/** Instance ids may hold characters that table keys or URLs treat in their own way; letters, digits and "-" stay. */
export function partitionKey(instanceId: string): string {
	return instanceId.replace(
		/[^A-Za-z0-9-]/g,
		(character) => `_${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
	);
}

/** OData filter for all rows of an instance; only for keys made here, which need no escaping. */
export function partitionFilter(instanceId: string): string {
	return `PartitionKey eq '${partitionKey(instanceId)}'`;
}

export function historyFilter(instanceId: string, executionId: string): string {
	// "." follows "-" in ASCII: the range holds every row of the execution and nothing else.
	return `${partitionFilter(instanceId)} and RowKey ge 'h-${executionId}-' and RowKey lt 'h-${executionId}.'`;
}
