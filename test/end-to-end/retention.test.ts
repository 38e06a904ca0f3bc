import { expect, test } from 'vitest';
import { graphClient, tokenFor } from '../support/graph-client.ts';
import { smallRoster } from '../support/roster.ts';
import { createProfile, syncRoster } from '../support/sync-story.ts';
import { startTestHost } from '../support/test-host.ts';

test('the nightly function runs on the real platform API, and takes nothing that is young', async () => {
	const host = await startTestHost();
	try {
		const client = graphClient(host, await tokenFor(host));
		const profile = await createProfile(client);
		await syncRoster(client, profile, smallRoster());
		for (const _ of ['once', 'twice']) {
			const started = await fetch(`${host.url}/admin/functions/retention`, { method: 'POST', body: '{}' });
			expect(started.status).toBe(202);
		}
		expect((await client.get(`${profile}/runs`)).body.value).toHaveLength(1);
		expect(await syncRoster(client, profile, smallRoster())).toMatchObject({ outcome: 'success', directoryWrites: 0 });
		// An orderly stop waits for what runs.
		await host.stop();
		expect(host.log()).not.toContain('"retention" failed');
	} finally {
		await host.dispose();
	}
});
