import { InvocationContext } from '@azure/functions';
import * as df from 'durable-functions';
import { expect, test } from 'vitest';
import { durableNotices } from '../../../src/adapters/durable/durable-notices.ts';
import type { Notice } from '../../../src/domain/notices/notice.ts';
import { startDurableStandIn } from '../../support/hosts/durable-stand-in.ts';
import { profileId } from '../../support/rosters/profile-builder.ts';
import { ownTenant } from '../../support/tenants.ts';

test('a notice is delivered once, however often it is asked for', async () => {
	const durable = await startDurableStandIn();
	try {
		const client = df.input.durableClient();
		const context = new InvocationContext({ functionName: 'test', options: { extraInputs: [client] } });
		context.extraInputs.set(client, durable.clientData);
		const queue = durableNotices(df.getClient(context));
		const notice: Notice = { id: 'msg_1', tenantId: ownTenant, profileId, type: 'run.finished', body: '{}' };
		await queue.deliver(notice);
		durable.statuses.set('notice-msg_1', 'Completed');
		await queue.deliver(notice);
		await queue.deliver({ ...notice, id: 'msg_2' });
		expect(durable.started.map(({ name, input }) => [name, (input as Notice).id])).toEqual([
			['deliverNotice', 'msg_1'],
			['deliverNotice', 'msg_2'],
		]);
	} finally {
		await durable.stop();
	}
});
