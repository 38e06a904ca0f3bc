import { RestError, type TableClient } from '@azure/data-tables';
import { type LifeSign, reachLife, showLife } from '../../process/life-sign.ts';

/** A host, as the others that share its task hub see it. */
export interface HubMember extends LifeSign {
	/** Where it answers the durable API. */
	origin: string;
}

/**
 * The hosts that share a task hub. One of them has the seat, and runs its orchestrations: Azure parts them among the hosts by
 * leases that lapse; here all are on one machine, and the seat is free at once when its holder ends, by SIGKILL too.
 */
export interface HubMembers {
	/** Waits until no other member has the seat, and takes it. False if this one left meanwhile. */
	takeSeat(): Promise<boolean>;
	/** Whoever took the seat last; undefined if it is this member, or nobody. It may have ended. */
	holder(): Promise<HubMember | undefined>;
	/** All but this one. Some may have ended. */
	others(): Promise<readonly HubMember[]>;
	/** Of one that has ended: it is not among the others any more. */
	forget(member: HubMember): Promise<void>;
	/** Ends the waiting, or frees the seat. */
	leave(): Promise<void>;
}

/** No partition of an instance: "_" is followed by four digits there. */
const partitionKey = '_hub';
const seatKey = 'seat';
const memberKey = ({ token }: LifeSign) => `member-${token}`;

/** Takes the seat for the host whose storage it is: whoever had it has ended. Members that join keep out of its way. */
export async function holdSeat(table: TableClient, origin: string): Promise<{ leave(): void }> {
	const { end, ...sign } = await showLife();
	await table.upsertEntity(rowOf(seatKey, { ...sign, origin }), 'Replace');
	return { leave: end };
}

/** Makes the host that answers at `origin` a member. */
export async function joinHub(table: TableClient, origin: string): Promise<HubMembers> {
	const { end, ...sign } = await showLife();
	const self: HubMember = { ...sign, origin };
	const leaving = Promise.withResolvers<void>();
	let hasLeft = false;
	await table.createEntity(rowOf(memberKey(self), self));
	const forget = (member: HubMember) => unless([404], table.deleteEntity(partitionKey, memberKey(member)));
	return {
		async takeSeat() {
			while (!hasLeft) {
				const seat = await readSeat(table);
				const socket = seat && (await reachLife(seat.member));
				if (socket) {
					await Promise.race([new Promise((resolve) => socket.on('close', resolve)), leaving.promise]);
					socket.destroy();
				} else if (await claimSeat(table, self, seat?.etag)) return true;
			}
			return false;
		},
		async holder() {
			const { member } = (await readSeat(table)) ?? {};
			return member?.token === self.token ? undefined : member;
		},
		async others() {
			const filter = `PartitionKey eq '${partitionKey}' and RowKey ne '${seatKey}'`;
			const found: HubMember[] = [];
			for await (const row of table.listEntities<HubMember>({ queryOptions: { filter } })) found.push(memberIn(row));
			return found.filter(({ token }) => token !== self.token);
		},
		forget: async (member) => void (await forget(member)),
		async leave() {
			hasLeft = true;
			leaving.resolve();
			await forget(self);
			end();
		},
	};
}

const rowOf = (rowKey: string, member: HubMember) => ({ partitionKey, rowKey, ...member });

const memberIn = ({ origin, port, token }: HubMember): HubMember => ({ origin, port, token });

async function readSeat(table: TableClient): Promise<{ member: HubMember; etag: string } | undefined> {
	const row = await unless([404], table.getEntity<HubMember>(partitionKey, seatKey));
	return row && { member: memberIn(row), etag: row.etag };
}

/** False if another member was faster. */
async function claimSeat(table: TableClient, self: HubMember, etag: string | undefined): Promise<boolean> {
	const row = rowOf(seatKey, self);
	const writing = etag === undefined ? table.createEntity(row) : table.updateEntity(row, 'Replace', { etag });
	return (await unless([404, 409, 412], writing)) !== undefined;
}

async function unless<T>(statuses: readonly number[], call: Promise<T>): Promise<T | undefined> {
	try {
		return await call;
	} catch (error) {
		if (error instanceof RestError && statuses.includes(error.statusCode ?? 0)) return undefined;
		throw error;
	}
}
