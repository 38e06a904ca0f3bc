import { setTimeout as pause } from 'node:timers/promises';
import type { TableClient } from '@azure/data-tables';
import { errorText, type HostLog } from '../../host-log.ts';
import type { ActivityCall, RunActivity } from '../engine/activity-call.ts';
import type { Engine } from '../engine/engine.ts';
import type { NewEvent } from '../storage/history-events.ts';
import { type HubMember, type HubMembers, joinHub } from './hub-members.ts';
import { askMember } from './member-requests.ts';

export interface SharedHubOptions {
	table: TableClient;
	/** Of this host. */
	origin: string;
	/** Here, in this host. */
	runActivity: RunActivity;
	log: HostLog;
}

/**
 * A task hub that several hosts share: the one that has the seat runs the orchestrations. The others send it what they are asked,
 * and take activities from it.
 */
export interface SharedHub {
	/** Starts the engine as soon as no other host has the seat. */
	join(engine: Pick<Engine, 'start' | 'stop'>): Promise<void>;
	/** At one host after the other; one that ends meanwhile leaves the activity to this one. */
	runActivity: RunActivity;
	/** Answers with `answer` where this host has the seat, and asks the one that has it otherwise. */
	handle(request: Request, answer: (request: Request) => Promise<Response>): Promise<Response>;
	stop(): Promise<void>;
}

const retryMs = 200;
/** So long a request may wait until there is a host that runs the engine. */
const waitMs = 30_000;
const mount = '/durabletask/';
const activitiesPath = `${mount}activities`;

export function createSharedHub({ table, origin, runActivity, log }: SharedHubOptions): SharedHub {
	let members: HubMembers | undefined;
	let engine: Pick<Engine, 'start' | 'stop'> | undefined;
	let running = Promise.resolve();
	let isOurs = false;
	let hasLeft = false;
	let turn = 0;

	async function run({ takeSeat }: HubMembers): Promise<void> {
		let hasSeat = false;
		while (!hasLeft && !isOurs) {
			try {
				hasSeat ||= await takeSeat();
				if (hasSeat) await engine?.start();
				isOurs = hasSeat;
			} catch (error) {
				log('warning', `Cannot run the orchestrations of the task hub and will try again: ${errorText(error)}`);
				await pause(retryMs);
			}
		}
	}
	async function runAt(member: HubMember, call: ActivityCall): Promise<NewEvent | undefined> {
		const response = await askMember(member, { method: 'POST', path: activitiesPath, body: JSON.stringify(call) });
		if (response?.ok) return (await response.json()) as NewEvent;
		log('information', `The host at ${member.origin} has ended; its activity "${call.task.Name}" runs again`);
		await members?.forget(member);
		return undefined;
	}
	return {
		async join(own) {
			engine = own;
			members = await joinHub(table, origin);
			running = run(members);
		},
		async runActivity(call) {
			const places = [undefined, ...((await members?.others()) ?? [])];
			const member = places[turn++ % places.length];
			return (member && (await runAt(member, call))) ?? (await runActivity(call));
		},
		async handle(request, answer) {
			const { method, url } = request;
			const { pathname, search } = new URL(url);
			const path = pathname.slice(pathname.indexOf(mount));
			if (path === activitiesPath) return Response.json(await runActivity((await request.json()) as ActivityCall));
			// What only reads asks the tables, which are the same for all.
			if (isOurs || method === 'GET') return await answer(request);
			const headers = Object.fromEntries(request.headers);
			const body = await request.text();
			for (const until = Date.now() + waitMs; Date.now() < until; await pause(retryMs)) {
				if (isOurs) return await answer(new Request(url, { method, headers, body: body || null }));
				const holder = await members?.holder();
				const response = holder && (await askMember(holder, { method, path: `${path}${search}`, headers, body }));
				if (response) return response;
			}
			return Response.json({ Message: 'No host runs the orchestrations of this task hub; try again' }, { status: 503 });
		},
		async stop() {
			hasLeft = true;
			// Whoever waits for the seat waits no more; who has it keeps it until the engine has ended.
			if (!isOurs) await members?.leave();
			await running;
			await engine?.stop();
			if (isOurs) await members?.leave();
		},
	};
}
