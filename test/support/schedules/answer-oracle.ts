import { kindOfFile } from '../../../src/domain/roster/format/kinds.ts';
import type { Call, Journal } from './journal.ts';
import { newestBefore } from './journal.ts';
import { textOf } from './roster-versions.ts';
import type { ScheduleWorld } from './schedule-world.ts';

/** Others called, or uploaded, at the same time. */
function isDisturbed({ calls, puts }: Journal, call: Call): boolean {
	const { from, to } = call;
	const isOverlapped = calls.some((other) => other !== call && other.from < to && other.to > from);
	return isOverlapped || puts.some(({ order }) => order > from && order < to);
}

/** A client's start wins over the automatic one; a resume goes on with the run that stood still; a pause stops. */
export function answerFaults({ log }: ScheduleWorld): string[] {
	return log.calls.flatMap((call) => {
		switch (call.name) {
			case 'start':
				return [...missingFaults(log, call), ...conflictFaults(log, call), ...acceptedFaults(log, call)];
			case 'resume':
				return resumeFaults(log, call);
			case 'pause':
				return pauseFaults(log, call);
			default:
				return [];
		}
	});
}

const sameUploadMs = 60 * 60_000;

/** "File is missing" of a file that an automatic start has taken, and that belongs to the same upload. */
function missingFaults(log: Journal, call: Call): string[] {
	if (call.answer !== 'refused') return [];
	const launches = log.launches.filter(({ order, takesUploads }) => takesUploads && order < call.to);
	const last = launches.at(-1);
	if (last?.reason !== 'drop') return [];
	const newest = newestBefore(log, ({ order }) => order < call.from);
	const putOf = (version: number | undefined) => log.puts.find((put) => put.version === version);
	const fresh = [...newest.values()].filter((version) => ![...last.versions.values()].includes(version));
	const oldestMs = Math.min(...fresh.map((version) => putOf(version)?.atMs ?? 0));
	return call.messages.flatMap(({ fileName, description }) => {
		const kind = kindOfFile(fileName);
		if (!kind || !description.startsWith('File is missing')) return [];
		const version = newest.get(kind);
		const wasTaken = version !== undefined && last.versions.get(kind) === version;
		if (!wasTaken || oldestMs - (putOf(version)?.atMs ?? 0) > sameUploadMs) return [];
		return [`A start (${call.from}) missed ${kind} v${version}, which run ${last.run.runId} had taken by itself.`];
	});
}

/** Azure cuts an answer after 230 s, so a start cannot wait for ever. */
const longestWaitMs = 115_000;

/** Only what somebody else does at the same time is a reason for a conflict; an automatic start is none. */
function conflictFaults(log: Journal, call: Call): string[] {
	const { from, to, fromMs, toMs } = call;
	if (call.answer !== 'Conflict' || toMs - fromMs > longestWaitMs) return [];
	const isRunning = log.launches.some(
		({ reason, order, ended }) => reason !== 'drop' && order < to && (ended ?? to) >= from,
	);
	const isGone = log.calls.some(({ name, from: order }) => name === 'delete' && order < to);
	if (isDisturbed(log, call) || isRunning || isGone) return [];
	return [`A start (${from}) was answered with a conflict, and only an automatic start was in its way.`];
}

function resumeFaults(log: Journal, call: Call): string[] {
	const { from, to, suspendedRunId } = call;
	if (!suspendedRunId || isDisturbed(log, call) || call.answer === 'Conflict' || call.answer === 'ResourceNotFound')
		return [];
	const launch = log.launches.find(({ run }) => run.runId === suspendedRunId);
	const isTerminated = launch?.isTerminated && (launch.ended ?? to) < to;
	return isTerminated ? [`A resume (${from}) ended run ${suspendedRunId}, which stood still.`] : [];
}

/** What a start says to be accepted is what was uploaded, and it is under way or done. */
function acceptedFaults(log: Journal, call: Call): string[] {
	const { from, to, answer } = call;
	if (answer !== 'accepted' || isDisturbed(log, call)) return [];
	const wanted = newestBefore(log, ({ order }) => order < from);
	const last = log.launches.findLast(({ order }) => order < to);
	const isWanted = [...wanted].every(([kind, version]) => last?.versions.get(kind) === version);
	const isOver = last?.isTerminated && (last.ended ?? to) < to;
	return isWanted && !isOver ? [] : [`A start (${from}) was accepted, and ${textOf(wanted)} is not what runs.`];
}

/** A run that was just being handed over learns of a pause a moment later. */
const pauseGraceMs = 40_000;

function pauseFaults({ calls, steps, launches }: Journal, { answer, to, toMs, name, from }: Call): string[] {
	if (answer !== 'done') return [];
	const next = Math.min(...calls.filter((other) => other.to > from && other.name !== name).map((other) => other.from));
	const isUnderWay = (runId: string) => launches.some(({ run, order }) => run.runId === runId && order < from);
	const step = steps.find(
		({ runId, order, atMs }) => order > to && order < next && (isUnderWay(runId) || atMs > toMs + pauseGraceMs),
	);
	return step ? [`A step of run ${step.runId} began in a profile that was paused (${from}).`] : [];
}
