import { errorText } from '../../host-log.ts';
import { eventTypes, type NewEvent, type SubOrchestrationCreated } from '../storage/history-events.ts';
import { type InstanceRecord, isFinished } from '../storage/instance-record.ts';
import type { EngineCore } from './engine-core.ts';
import { checkInstanceId, createInstance } from './instance-creation.ts';
import type { LiveInstance } from './live-instance.ts';
import { RequestRefused } from './request-refused.ts';

export interface SubOrchestrationEffects {
	deliver(instance: LiveInstance, executionId: string, event: NewEvent): void;
	wake(instance: LiveInstance): void;
}

/** Starts children and tells parents of their end; both may be repeated after a crash. */
export function createSubOrchestrations(core: EngineCore, effects: SubOrchestrationEffects) {
	function reportToParent({ parent, ...record }: InstanceRecord): void {
		const waiting = parent && core.live.get(parent.instanceId);
		if (parent && waiting) effects.deliver(waiting, parent.executionId, toResult(record, parent.taskId));
	}

	async function start(parent: LiveInstance, task: SubOrchestrationCreated): Promise<void> {
		const { instanceId, executionId } = parent.stored.record;
		const link = { instanceId, executionId, taskId: task.EventId };
		const isWaiting = () => !core.isClosed() && parent.stored.record.executionId === executionId;
		while (isWaiting()) {
			try {
				await core.lock(task.InstanceId, () => startOnce(task, link));
				return;
			} catch (error) {
				if (error instanceof RequestRefused) {
					effects.deliver(parent, executionId, failed(task.EventId, error.message));
					return;
				}
				core.log('warning', `Cannot start the child "${task.InstanceId}" and will try again: ${errorText(error)}`);
				await core.pause(core.storageRetryMs);
			}
		}
	}

	async function startOnce(task: SubOrchestrationCreated, parent: NonNullable<InstanceRecord['parent']>) {
		const existing = core.live.get(task.InstanceId)?.stored.record ?? (await core.store.read(task.InstanceId));
		if (existing && isSameTask(existing.parent, parent)) {
			if (isFinished(existing)) reportToParent(existing);
			if (isFinished(existing) || core.live.has(task.InstanceId)) return;
		}
		checkInstanceId(task.InstanceId);
		const target = core.functions.orchestrator(task.Name);
		if (!target) {
			throw new RequestRefused(
				404,
				`The function '${task.Name}' doesn't exist, is disabled, or is not an orchestrator function.`,
			);
		}
		const { Version: version, Input: input } = task;
		effects.wake(await createInstance(core, task.InstanceId, { name: target.name, version, input, parent }));
	}

	return { start, reportToParent };
}

function isSameTask(left: InstanceRecord['parent'], right: NonNullable<InstanceRecord['parent']>): boolean {
	return left?.executionId === right.executionId && left.taskId === right.taskId;
}

function toResult(record: Omit<InstanceRecord, 'parent'>, taskId: number): NewEvent {
	const { status, output: Result, name } = record;
	if (status === 'Completed') {
		return { EventType: eventTypes.subOrchestrationCompleted, TaskScheduledId: taskId, Result };
	}
	const reason: unknown = JSON.parse(Result ?? 'null');
	return failed(taskId, typeof reason === 'string' ? reason : `The sub-orchestrator function '${name}' failed`);
}

function failed(taskId: number, reason: string): NewEvent {
	return { EventType: eventTypes.subOrchestrationFailed, TaskScheduledId: taskId, Reason: reason, Details: '' };
}
