import type { Deadline, Directory, GroupsRead } from '../../../directory-ports.ts';
import type { StorageAccount } from '../../storage-account.ts';
import type { GraphClient } from './client/graph-client.ts';
import { type GraphClock, systemGraphClock } from './client/graph-clock.ts';
import { estimateOf } from './graph-estimate.ts';
import type { GraphScope } from './graph-scope.ts';
import { changeGroupMembers, type MembersScope, showMembers } from './members/change-members.ts';
import { classEndpoints, type GroupEndpoints, schoolEndpoints } from './members/group-endpoints.ts';
import { membersAs, ownOf } from './members/member-changes.ts';
import { memberSources } from './members/member-sources.ts';
import { graphAnchors } from './objects/graph-anchors.ts';
import { putClasses } from './objects/put-classes.ts';
import { putSchools } from './objects/put-schools.ts';
import { describeObjects, rekeyObjects } from './objects/rekeyed-objects.ts';
import { tenantFacts } from './objects/tenant-facts.ts';
import { usersHaving } from './users/matched-users.ts';
import { putUsers } from './users/put-users.ts';

/**
 * `packed`: members of classes go twenty to a request, over the endpoints of groups; where an app may not use those, one by one, as in
 * `education`, which uses nothing but the rostering endpoints.
 */
export type GraphStrategy = 'packed' | 'education';

export interface GraphDirectoryOptions {
	client: GraphClient;
	strategy: GraphStrategy;
	/** Keeps what Microsoft Entra ID does not tell. */
	account: Pick<StorageAccount, 'table'>;
	clock?: GraphClock;
}

/** Microsoft Entra ID, through Microsoft Graph. */
export function graphDirectory({
	client,
	strategy,
	account,
	clock = systemGraphClock,
}: GraphDirectoryOptions): Directory {
	const anchors = graphAnchors(() => account.table('GraphObjects'));
	const facts = tenantFacts(client, clock);
	const classes = {
		endpoints: classEndpoints(client, strategy === 'packed'),
		sources: memberSources(() => account.table('GraphClassMembers')),
	};
	const schools = {
		endpoints: schoolEndpoints(client),
		sources: memberSources(() => account.table('GraphSchoolMembers')),
	};
	const scope = (tenantId: string, deadline?: Deadline): GraphScope => ({
		tenantId,
		client,
		call: { tenantId, deadline },
		...{ clock, anchors, facts },
	});
	return {
		putSchools: (tenantId, wanted, deadline) => putSchools(scope(tenantId, deadline), wanted),
		putUsers: (tenantId, wanted, deadline) => putUsers(scope(tenantId, deadline), wanted),
		putClasses: (tenantId, wanted, deadline) => putClasses(scope(tenantId, deadline), wanted),
		changeMembers: (tenantId, changes, deadline) =>
			changeGroupMembers(
				{ ...scope(tenantId, deadline), ...classes },
				changes.map(({ classId: groupId, source = '', ...change }) => ({ ...change, groupId, source })),
			),
		changeSchoolMembers: (tenantId, changes, deadline) =>
			changeGroupMembers(
				{ ...scope(tenantId, deadline), ...schools },
				changes.map(({ schoolId: groupId, ...change }) => ({ ...change, groupId })),
			),
		classMembers: (tenantId, read) => readMembers({ ...scope(tenantId), ...classes }, read),
		schoolMembers: (tenantId, read) => readMembers({ ...scope(tenantId), ...schools }, read),
		estimate: (planned) => estimateOf(planned, strategy),
		async usersNamed(tenantId, wanted) {
			const found = await usersHaving(scope(tenantId), wanted);
			return found.map((users) => (users.length === 1 ? users[0]?.id : undefined));
		},
		describe: (tenantId, objects) => describeObjects(scope(tenantId), objects),
		rekey: (tenantId, change, deadline) => rekeyObjects(scope(tenantId, deadline), change),
	};
}

async function readMembers(
	scope: GraphScope & { endpoints: GroupEndpoints } & Pick<MembersScope, 'sources'>,
	{ ids, role, source }: GroupsRead,
): Promise<string[][]> {
	const shown = await showMembers(scope, ids);
	const records = await scope.sources.read(scope.tenantId, ids);
	return ids.map((_, at) => {
		const [present, known] = [shown[at], records[at]?.members ?? []];
		if (!present) return [];
		const members = membersAs(role, known, present);
		return source === undefined ? members : ownOf(members, role, known, source);
	});
}
