import type { Orchestrations } from '../../../src/ports.ts';

export interface FakeOrchestrations extends Orchestrations {
	/** What was asked for, in order, as "provision <profileId>". */
	asked: string[];
	isBroken: boolean;
}

/** Notes what is asked of it and runs nothing; a sync that was started runs until it is ended. */
export function fakeOrchestrations(): FakeOrchestrations {
	const syncing = new Map<string, 'running' | 'suspended'>();
	const asked: string[] = [];
	return {
		asked,
		isBroken: false,
		async provision({ profileId }) {
			if (this.isBroken) throw new Error('The orchestrations are out of reach.');
			asked.push(`provision ${profileId}`);
		},
		async remove({ profileId }) {
			if (this.isBroken) throw new Error('The orchestrations are out of reach.');
			asked.push(`remove ${profileId}`);
		},
		async startSync({ profileId }) {
			if (syncing.has(profileId)) return false;
			asked.push(`startSync ${profileId}`);
			syncing.set(profileId, 'running');
			return true;
		},
		syncState: async ({ profileId }) => syncing.get(profileId) ?? 'none',
		async suspendSync({ profileId }) {
			asked.push(`suspendSync ${profileId}`);
			if (syncing.has(profileId)) syncing.set(profileId, 'suspended');
		},
		async resumeSync({ profileId }) {
			asked.push(`resumeSync ${profileId}`);
			if (syncing.has(profileId)) syncing.set(profileId, 'running');
		},
		async endSync({ profileId }) {
			asked.push(`endSync ${profileId}`);
			syncing.delete(profileId);
		},
		forgetBefore: async () => {},
		async settleUploads({ profileId }, setId) {
			asked.push(`settleUploads ${profileId} ${setId}`);
		},
	};
}
