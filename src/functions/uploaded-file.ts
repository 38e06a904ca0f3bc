import { app, type InvocationContext } from '@azure/functions';
import * as df from 'durable-functions';
import { z } from 'zod';
import { orchestratorNames } from '../orchestrator-names.ts';
import type { ProfileRef } from '../ports.ts';
import type { SettleResult } from '../services/intake/drops.ts';
import { recorded, servicesFor } from '../wiring.ts';
import { ResourceFactoryResolver } from './registration/functions-extensions-base.cjs';
import { stepRetries } from './registration/step-retries.ts';

const blobReference = z.object({ ContainerName: z.string(), BlobName: z.string() });

type BlobReference = z.infer<typeof blobReference>;

// With `sdkBinding` the host sends where the blob is instead of what it holds: an upload may be larger than our memory.
ResourceFactoryResolver.getInstance().registerResourceFactory('AzureStorageBlobs', (data) => {
	const binding = Array.isArray(data) ? data[0] : data;
	return blobReference.parse(JSON.parse(Buffer.from(binding?.content ?? '').toString('utf8')));
});

/** A file arrived in some container of the roster account; Event Grid says so at least once, and in no order. */
async function uploadedFile(blob: BlobReference, context: InvocationContext): Promise<void> {
	await servicesFor({ context }).drops.arrived(blob.ContainerName);
}

app.storageBlob('uploadedFile', {
	// With this source the path filters nothing: which containers count is up to the event subscription.
	path: 'uploads/{name}',
	connection: 'ROSTER_STORAGE',
	source: 'EventGrid',
	sdkBinding: true,
	extraInputs: [df.input.durableClient()],
	handler: uploadedFile,
});

interface SettleInput extends ProfileRef {
	setId: string;
	/** How long was waited for this set already. */
	waitedMs?: number;
}

const settle = df.app.activity('startSettledUploads', {
	extraInputs: [df.input.durableClient()],
	handler: async (input: SettleInput, context) => {
		const result = await servicesFor({ context }).drops.settle(input, input.setId, input.waitedMs);
		await recorded(context);
		return result;
	},
});

/** Waits as long as the uploads are fresh or the profile is busy, then starts a sync with them. */
df.app.orchestration(orchestratorNames.settle, function* (context) {
	const input = context.df.getInput<SettleInput>() as SettleInput;
	const result = (yield settle(input).withRetry(stepRetries())) as SettleResult;
	if (result.waitMs === undefined) return;
	const wakeAt = new Date(context.df.currentUtcDateTime.getTime() + result.waitMs);
	yield context.df.createTimer(wakeAt);
	context.df.continueAsNew({ ...input, waitedMs: (input.waitedMs ?? 0) + result.waitMs });
});
