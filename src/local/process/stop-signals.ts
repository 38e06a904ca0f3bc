/**
 * One Ctrl-C reaches this process twice under npm, from the terminal and again from npm, a moment apart; only a signal
 * after this time is a second Ctrl-C.
 */
const sameKeystrokeMs = 700;
const forcedExitCode = 130;

/** Calls `stop` at the first Ctrl-C (or SIGTERM, or the terminal's end); a second one ends the process at once. */
export function onStopSignal(stop: () => void): void {
	let firstAt: number | undefined;
	const receive = () => {
		const now = performance.now();
		if (firstAt === undefined) {
			firstAt = now;
			stop();
		} else if (now - firstAt > sameKeystrokeMs) {
			process.exit(forcedExitCode);
		}
	};
	// A program that started this host, and has ended, cannot stop it any more.
	process.on('disconnect', receive);
	for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, receive);
}
