import { TableClient } from '@azure/data-tables';
import { BlobServiceClient } from '@azure/storage-blob';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Azurite, startAzurite } from '../../../../src/local/azurite/azurite.ts';
import { eventTypes, type HistoryEvent, stampEvent } from '../../../../src/local/durable/storage/history-events.ts';
import type { InstanceRecord, Message } from '../../../../src/local/durable/storage/instance-record.ts';
import { createInstanceStore, type InstanceStore } from '../../../../src/local/durable/storage/instance-store.ts';
import { createValueColumns } from '../../../../src/local/durable/storage/value-columns.ts';

let azurite: Azurite;
let table: TableClient;
let store: InstanceStore;
/** Makes the next transaction that holds the instance row fail. */
let failsAtCommit = false;

beforeAll(async () => {
	azurite = await startAzurite({ preferUsualPorts: false, log() {} });
	const options = { allowInsecureConnection: true };
	table = TableClient.fromConnectionString(azurite.connectionString, 'Instances', options);
	await table.createTable();
	const blobs = BlobServiceClient.fromConnectionString(azurite.connectionString);
	const { containerClient } = await blobs.createContainer('values');
	const submit = table.submitTransaction.bind(table);
	table.submitTransaction = (actions) => {
		const holdsInstance = actions.some(([, { rowKey }]) => rowKey === 'instance');
		if (failsAtCommit && holdsInstance) return Promise.reject(new Error('invented failure'));
		return submit(actions);
	};
	store = createInstanceStore(table, createValueColumns(containerClient));
});
afterAll(() => azurite?.stop());

const now = new Date('2026-03-01T10:00:00Z');

function recordOf(instanceId: string, fields: Partial<InstanceRecord> = {}): InstanceRecord {
	return {
		instanceId,
		name: 'sync',
		version: '',
		executionId: 'e1',
		status: 'Pending',
		isSuspended: false,
		input: null,
		output: null,
		customStatus: null,
		createdTime: now.toISOString(),
		lastUpdatedTime: now.toISOString(),
		parent: null,
		historyLength: 0,
		...fields,
	};
}

function eventsOf(count: number, text = ''): HistoryEvent[] {
	return Array.from({ length: count }, (_, at) =>
		stampEvent({ EventType: eventTypes.eventRaised, Name: `event-${at}`, Input: JSON.stringify(text) }, now),
	);
}

function messageOf(sequence: number, text = ''): Message {
	return { sequence, event: eventsOf(1, text)[0] as HistoryEvent, isStored: true };
}

test('an instance comes back as it was committed', async () => {
	const record = recordOf('whole', { input: '{"a":"u"}', parent: { instanceId: 'p', executionId: 'x', taskId: 3 } });
	const stored = await store.create(record);
	await store.addMessage('whole', messageOf(1));
	await store.addMessage('whole', messageOf(2));
	const next = { ...record, status: 'Running' as const, customStatus: '{"b":1}', historyLength: 2 };
	await store.commit(stored, { record: next, events: eventsOf(2), consumed: [messageOf(1)] });
	const loaded = await store.load('whole');
	expect(loaded).toMatchObject({ record: next, history: eventsOf(2), messages: [messageOf(2)], garbage: [] });
	expect(await store.read('whole')).toEqual(next);
});

test('values come back whatever their length and characters', async () => {
	let number = 0;
	const text = fc.string({ unit: 'binary', maxLength: 50 });
	// Around the length of a column, of what a row may hold, and beyond.
	const repeats = fc.constantFrom(1, 640, 3200, 8000);
	await fc.assert(
		fc.asyncProperty(text, repeats, async (part, repeat) => {
			const instanceId = `value-${number++}`;
			const value = JSON.stringify(part.repeat(repeat));
			const record = recordOf(instanceId, { input: value, customStatus: value });
			const stored = await store.create(record);
			const next = { ...record, output: value, historyLength: 1 };
			const events = eventsOf(1, part.repeat(repeat));
			const { etag } = await store.commit(stored, { record: next, events, consumed: [] });
			const shorter = { ...next, output: '1', customStatus: null };
			await store.commit({ record: next, etag }, { record: shorter, events: [], consumed: [] });
			const loaded = await store.load(instanceId);
			expect(loaded?.history).toEqual(events);
			expect({ ...loaded?.record, input: JSON.parse(loaded?.record.input ?? '') }).toEqual({
				...shorter,
				input: JSON.parse(value),
			});
		}),
		{ seed: 7, numRuns: 25 },
	);
});

test('every legal instance id has rows of its own', async () => {
	const ids = ["it's", 'a b', 'a%20b', 'a+b', 'ü', 'x:y', 'a=b&c', 'a_0062', 'a!b', 'A', 'a', '日本', 'a.b', '-'];
	await Promise.all(ids.map((id, at) => store.create(recordOf(id, { input: String(at) }))));
	for (const [at, id] of ids.entries()) {
		expect(await store.load(id)).toMatchObject({ record: { instanceId: id, input: String(at) } });
	}
});

test('what was written for an episode that was not committed is nothing, also for a shorter next try', async () => {
	const record = recordOf('torn');
	const first = await store.create(record);
	const two = { ...record, historyLength: 2 };
	const committed = await store.commit(first, { record: two, events: eventsOf(2, 'kept'), consumed: [] });
	failsAtCommit = true;
	const torn = { record: { ...two, historyLength: 252 }, events: eventsOf(250, 'torn'), consumed: [] };
	await expect(store.commit(committed, torn)).rejects.toThrow('invented failure');
	failsAtCommit = false;
	const between = await store.load('torn');
	expect(between?.history).toEqual(eventsOf(2, 'kept'));
	expect(between?.garbage).toHaveLength(250);
	const retry = { record: { ...two, historyLength: 5 }, events: eventsOf(3, 'retry'), consumed: [] };
	await store.commit(committed, retry);
	const after = await store.load('torn');
	expect(after?.history).toEqual([...eventsOf(2, 'kept'), ...eventsOf(3, 'retry')]);
	await store.removeRows('torn', after?.garbage ?? []);
	expect((await store.load('torn'))?.garbage).toEqual([]);
});

test('a commit on an old version is refused as a whole', async () => {
	const record = recordOf('raced');
	const stored = await store.create(record);
	await store.addMessage('raced', messageOf(1));
	const next = { ...record, historyLength: 1 };
	await store.commit(stored, { record: next, events: eventsOf(1, 'winner'), consumed: [] });
	const late = store.commit(stored, { record: next, events: eventsOf(1, 'late'), consumed: [messageOf(1)] });
	await expect(late).rejects.toThrow();
	expect(await store.load('raced')).toMatchObject({ history: eventsOf(1, 'winner'), messages: [messageOf(1)] });
});

test('a commit that consumes a message without a row is refused as a whole', async () => {
	const record = recordOf('gone');
	const stored = await store.create(record);
	const next = { ...record, historyLength: 1 };
	const commit = store.commit(stored, { record: next, events: eventsOf(1), consumed: [messageOf(9)] });
	await expect(commit).rejects.toThrow();
	expect(await store.load('gone')).toMatchObject({ record, history: [] });
});

test('transactions that fail take nothing of their neighbours with them', async () => {
	const ids = Array.from({ length: 30 }, (_, at) => `neighbour-${at}`);
	const created = await Promise.all(ids.map((id) => store.create(recordOf(id))));
	const outcomes = await Promise.allSettled(
		created.map((stored, at) => {
			const consumed = at % 2 === 0 ? [] : [messageOf(9)];
			const record = { ...stored.record, historyLength: 60 };
			return store.commit(stored, { record, events: eventsOf(60, `${at}`), consumed });
		}),
	);
	expect(outcomes.map(({ status }) => status)).toEqual(ids.map((_, at) => (at % 2 === 0 ? 'fulfilled' : 'rejected')));
	for (const [at, id] of ids.entries()) {
		const loaded = await store.load(id);
		expect(loaded?.history).toEqual(at % 2 === 0 ? eventsOf(60, `${at}`) : []);
		expect(loaded?.garbage).toEqual([]);
	}
});

test('an execution that continue-as-new has ended can be removed, blobs included, without the new one', async () => {
	const large = 'x'.repeat(400_000);
	const record = recordOf('renewed', { input: JSON.stringify(large) });
	const first = await store.create(record);
	const old = { ...record, historyLength: 3 };
	const stored = await store.commit(first, { record: old, events: eventsOf(3, large), consumed: [] });
	const renewed = { ...record, executionId: 'e2', input: '"new"', historyLength: 0 };
	const second = await store.commit(stored, { record: renewed, events: [], consumed: [] });
	await store.commit(second, { record: { ...renewed, historyLength: 1 }, events: eventsOf(1), consumed: [] });
	expect((await store.load('renewed'))?.garbage).toHaveLength(3);
	await store.removeExecution('renewed', 'e1');
	expect(await store.load('renewed')).toMatchObject({ history: eventsOf(1), garbage: [], record: { input: '"new"' } });
});

test('a purge leaves nothing, and can be repeated', async () => {
	const large = JSON.stringify('x'.repeat(400_000));
	const stored = await store.create(recordOf('purged', { input: large }));
	await store.addMessage('purged', messageOf(1, large));
	await store.commit(stored, {
		record: recordOf('purged', { historyLength: 120 }),
		events: eventsOf(120),
		consumed: [],
	});
	await store.purge('purged');
	await store.purge('purged');
	expect(await store.load('purged')).toBeUndefined();
	const blobs = BlobServiceClient.fromConnectionString(azurite.connectionString).getContainerClient('values');
	const left = [];
	for await (const { name } of blobs.listBlobsFlat({ prefix: 'purged' })) left.push(name);
	expect(left).toEqual([]);
});

test('a history of more rows than one answer holds comes back whole', async () => {
	const stored = await store.create(recordOf('long'));
	const record = recordOf('long', { historyLength: 1500 });
	await store.commit(stored, { record, events: eventsOf(1500), consumed: [] });
	expect((await store.load('long'))?.history).toEqual(eventsOf(1500));
});

test('only unfinished instances are found for recovery', async () => {
	const stored = await store.create(recordOf('ending'));
	expect(await store.findUnfinished()).toContain('ending');
	await store.commit(stored, { record: recordOf('ending', { status: 'Failed' }), events: [], consumed: [] });
	expect(await store.findUnfinished()).not.toContain('ending');
});
