import type { BlobServiceClient } from '@azure/storage-blob';
import { errorLine, type HostLog } from '../host-log.ts';
import type { RegisteredFunction, Worker } from '../worker/worker-contract.ts';
import { invokeWithBlob } from './blob-invocation.ts';
import type { BlobPathPattern } from './blob-path-pattern.ts';
import { type BlobReceipt, type BlobReceiptStore, type BlobVersion, versionKey } from './blob-receipts.ts';
import type { PoisonQueue } from './poison-queue.ts';

export interface BlobTriggerOptions {
	worker: Worker;
	target: RegisteredFunction;
	path: BlobPathPattern;
	/** The storage account of the function's `connection`. */
	service: BlobServiceClient;
	receipts: BlobReceiptStore;
	poison: PoisonQueue;
	/** host.json `extensions.blobs`. */
	poisonBlobThreshold: number;
	maxDegreeOfParallelism: number;
	log: HostLog;
}

/** The deliveries of one function: what a webhook or a poll reports comes in by `accept`, and every call goes out here. */
export interface BlobTrigger {
	target: RegisteredFunction;
	service: BlobServiceClient;
	/** Records a version that is news, durably, before it is called for; a known one changes nothing. */
	accept(version: BlobVersion): Promise<void>;
	isKnown(version: BlobVersion): boolean;
	/** Starts waiting deliveries, as many as may run at once; failed ones get their next attempt. */
	pump(): void;
	/** The versions whose deliveries are over; their keys are for `forget`, after a listing that began later. */
	finished(): BlobVersion[];
	forget(key: string): Promise<void>;
	/** Starts no further call and waits for running ones. */
	stop(): Promise<void>;
}

/** Loads the receipts of earlier runs; deliveries that were pending when the host ended are taken up by `pump`. */
export async function createBlobTrigger(options: BlobTriggerOptions): Promise<BlobTrigger> {
	const { target, receipts, service, log } = options;
	const known = new Map<string, BlobReceipt>();
	for (const receipt of await receipts.load(target.id)) known.set(versionKey(receipt), receipt);
	const running = new Map<BlobReceipt, Promise<void>>();
	let stopped = false;

	const start = (receipt: BlobReceipt) => {
		const call = deliver(options, receipt)
			.catch((error: unknown) => {
				log('warning', `Delivery of ${quote(receipt)} is put off: ${errorLine(error)}`);
				return false;
			})
			.then((isOver) => {
				running.delete(receipt);
				// A failed one waits for the next look, so that its attempts are not used up in an instant.
				if (isOver) pump();
			});
		running.set(receipt, call);
	};
	const pump = () => {
		for (const receipt of known.values()) {
			if (stopped || running.size >= options.maxDegreeOfParallelism) return;
			if (receipt.state === 'pending' && !running.has(receipt)) start(receipt);
		}
	};
	return {
		target,
		service,
		pump,
		isKnown: (version) => known.has(versionKey(version)),
		async accept(version) {
			const key = versionKey(version);
			if (known.has(key)) return;
			const receipt: BlobReceipt = { ...version, functionId: target.id, state: 'pending', attempts: 0 };
			await receipts.add(receipt);
			// A webhook and a poll may bring the same version at once; the first one in memory stays.
			if (!known.has(key)) known.set(key, receipt);
		},
		finished: () => [...known.values()].filter(({ state }) => state !== 'pending'),
		async forget(key) {
			const receipt = known.get(key);
			if (receipt) await receipts.remove(receipt);
			known.delete(key);
		},
		async stop() {
			stopped = true;
			await Promise.all(running.values());
		},
	};
}

/** One attempt. True when the delivery is over; false when it needs another attempt. */
async function deliver(options: BlobTriggerOptions, receipt: BlobReceipt): Promise<boolean> {
	const { target, receipts, poison, poisonBlobThreshold, log } = options;
	if (receipt.attempts >= poisonBlobThreshold) {
		await poison.add(target.name, receipt);
		log('error', `Blob ${quote(receipt)} is poison for "${target.name}" after ${receipt.attempts} attempts`);
		return await settle(receipts, receipt, 'poison');
	}
	receipt.attempts += 1;
	await receipts.update(receipt);
	try {
		await invokeWithBlob(options, receipt);
	} catch (error) {
		log('error', `"${target.name}" failed for ${quote(receipt)}, attempt ${receipt.attempts}: ${errorLine(error)}`);
		return false;
	}
	return await settle(receipts, receipt, 'done');
}

async function settle(receipts: BlobReceiptStore, receipt: BlobReceipt, state: 'done' | 'poison'): Promise<true> {
	// The row first: if it cannot be written, the delivery stays pending and is repeated, never lost.
	await receipts.update({ ...receipt, state });
	receipt.state = state;
	return true;
}

function quote({ container, name }: BlobVersion): string {
	return `"${container}/${name}"`;
}
