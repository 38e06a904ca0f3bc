import * as df from 'durable-functions';
import { orchestratorNames } from '../orchestrator-names.ts';
import type { ProfileRef } from '../ports.ts';
import { markFailed, provisionProfile, removeProfile } from '../services/profiles/provisioning.ts';
import { orchestrationsOf, provisioningDeps, syncDeps } from '../wiring.ts';
import { stepRetries } from './registration/step-retries.ts';

const createUploads = df.app.activity('provisionUploads', {
	handler: async (ref: ProfileRef, context) => provisionProfile(provisioningDeps(context), ref),
});

const removeData = df.app.activity('removeProfileData', {
	extraInputs: [df.input.durableClient()],
	handler: async (ref: ProfileRef, context) => removeProfile(provisioningDeps(context), orchestrationsOf(context), ref),
});

const recordFailure = df.app.activity('markProfileFailed', {
	handler: async ({ during, ...ref }: ProfileRef & { during: 'provisioning' | 'deleting' }, context) =>
		markFailed(syncDeps(context), ref, during),
});

df.app.orchestration(orchestratorNames.provision, function* (context) {
	const ref = context.df.getInput<ProfileRef>() as ProfileRef;
	try {
		yield createUploads(ref).withRetry(stepRetries());
	} catch {
		yield recordFailure({ ...ref, during: 'provisioning' }).withRetry(stepRetries());
	}
});

df.app.orchestration(orchestratorNames.remove, function* (context) {
	const ref = context.df.getInput<ProfileRef>() as ProfileRef;
	try {
		yield removeData(ref).withRetry(stepRetries());
	} catch {
		yield recordFailure({ ...ref, during: 'deleting' }).withRetry(stepRetries());
	}
});
