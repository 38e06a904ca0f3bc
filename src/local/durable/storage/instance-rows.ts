import type { TableEntity } from '@azure/data-tables';
import type { HistoryEvent } from './history-events.ts';
import { type InstanceRecord, isFinished, type Message } from './instance-record.ts';
import { historyRowKey, instanceRow, messageRowKey, parseRowKey, partitionKey } from './table-keys.ts';
import type { ValueColumns } from './value-columns.ts';

/** A row as the table returns it. */
export interface Row {
	rowKey?: string;
	etag?: string;
	[column: string]: unknown;
}

/** An instance with all of its rows sorted out. */
export interface LoadedInstance {
	record: InstanceRecord;
	etag: string;
	history: HistoryEvent[];
	/** In order of arrival. */
	messages: Message[];
	/** Keys of rows that belong to no committed state. */
	garbage: string[];
}

export interface InstanceRows {
	/** Without `withInput`, a merge keeps the input that the row has. */
	fromRecord(record: InstanceRecord, withInput: boolean): Promise<TableEntity>;
	fromEvent(record: InstanceRecord, event: HistoryEvent, index: number): Promise<TableEntity>;
	fromMessage(instanceId: string, message: Message): Promise<TableEntity>;
	toRecord(row: Row): Promise<InstanceRecord>;
	/** Without the values, which may lie in blobs. */
	toHead(row: Row): Promise<Omit<InstanceRecord, 'input' | 'output' | 'customStatus'>>;
	/** From all rows of a partition, in any order; undefined without an instance row. */
	toLoaded(rows: readonly Row[]): Promise<LoadedInstance | undefined>;
}

/** The folder of the blobs that an execution's values may need. */
export function valueFolder(instanceId: string, executionId: string): string {
	return `${partitionKey(instanceId)}/${executionId}`;
}

/** Messages outlive executions. */
const messageFolder = 'messages';

/** What the columns of the rows are made of: values in columns of their own, everything short in one column `head`. */
export function createInstanceRows(values: ValueColumns): InstanceRows {
	async function toHead(row: Row) {
		return JSON.parse((await values.read(row, 'head')) ?? '');
	}
	async function toRecord(row: Row): Promise<InstanceRecord> {
		const read = (name: string) => values.read(row, name);
		const [input, output, customStatus] = await Promise.all([read('input'), read('output'), read('customStatus')]);
		return { ...(await toHead(row)), input, output, customStatus };
	}
	async function toEvent(row: Row): Promise<HistoryEvent> {
		return JSON.parse((await values.read(row, 'event')) ?? '');
	}
	async function toMessage(row: Row): Promise<Message> {
		const message: Omit<Message, 'isStored'> = JSON.parse((await values.read(row, 'message')) ?? '');
		return { ...message, isStored: true };
	}
	return {
		toHead,
		toRecord,
		async fromRecord({ input, output, customStatus, ...head }, withInput) {
			const { instanceId, executionId } = head;
			const folder = valueFolder(instanceId, executionId);
			return {
				partitionKey: partitionKey(instanceId),
				rowKey: instanceRow,
				isFinished: isFinished({ ...head, input, output, customStatus }),
				...(await values.write('head', JSON.stringify(head), folder)),
				...(await values.write('output', output, folder)),
				...(await values.write('customStatus', customStatus, folder)),
				...(withInput ? await values.write('input', input, folder) : {}),
			};
		},
		async fromEvent({ instanceId, executionId }, event, index) {
			const columns = await values.write('event', JSON.stringify(event), valueFolder(instanceId, executionId));
			return { partitionKey: partitionKey(instanceId), rowKey: historyRowKey(executionId, index), ...columns };
		},
		async fromMessage(instanceId, { sequence, event, executionId }) {
			const text = JSON.stringify({ sequence, event, executionId });
			const columns = await values.write('message', text, valueFolder(instanceId, messageFolder));
			return { partitionKey: partitionKey(instanceId), rowKey: messageRowKey(sequence), ...columns };
		},
		async toLoaded(rows) {
			const sorted = sortRows(rows);
			if (!sorted) return undefined;
			const record = await toRecord(sorted.instance);
			const { committed, garbage } = splitHistory(sorted.history, record);
			const messages = await Promise.all(sorted.messages.map(toMessage));
			messages.sort((left, right) => left.sequence - right.sequence);
			const history = await Promise.all(committed.map(toEvent));
			return { record, etag: sorted.instance.etag ?? '', history, messages, garbage };
		},
	};
}

interface HistoryRow {
	row: Row;
	executionId: string;
	index: number;
}

function sortRows(rows: readonly Row[]) {
	let instance: Row | undefined;
	const history: HistoryRow[] = [];
	const messages: Row[] = [];
	for (const row of rows) {
		const key = parseRowKey(row.rowKey ?? '');
		if (key.kind === 'history') history.push({ row, ...key });
		else if (key.kind === 'message') messages.push(row);
		else instance = row;
	}
	return instance && { instance, history, messages };
}

/** Parts the committed events from remains of older executions and of writes that never became a commit. */
function splitHistory(rows: readonly HistoryRow[], { executionId, historyLength, instanceId }: InstanceRecord) {
	const isCommitted = (row: HistoryRow) => row.executionId === executionId && row.index < historyLength;
	const committed = rows.filter(isCommitted).sort((left, right) => left.index - right.index);
	if (committed.length !== historyLength) {
		throw new Error(
			`Cannot load instance "${instanceId}": its history has ${committed.length} events instead of ${historyLength}; its table has lost rows`,
		);
	}
	const garbage = rows.filter((row) => !isCommitted(row)).map(({ row }) => row.rowKey ?? '');
	return { committed: committed.map(({ row }) => row), garbage };
}
