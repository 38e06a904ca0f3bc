export type LogLevel = 'debug' | 'information' | 'warning' | 'error';

/** Receives every line of the host and of the app; must never throw. */
export type HostLog = (level: LogLevel, message: string) => void;

const ranks: Record<LogLevel, number> = { debug: 0, information: 1, warning: 2, error: 3 };

/** Writes lines of at least `minLevel` to standard error, so that standard output stays free for machines. */
export function consoleLog(minLevel: LogLevel): HostLog {
	return (level, message) => {
		if (ranks[level] < ranks[minLevel]) return;
		const time = new Date().toISOString().slice(11, 23);
		process.stderr.write(`${time} ${level === 'information' ? '' : `${level}: `}${message}\n`);
	};
}

/** The text of anything that was thrown, without a stack trace; it may have several lines. */
export function errorText(error: unknown): string {
	if (!(error instanceof Error)) return String(error);
	return error.name === 'Error' ? error.message : `${error.name}: ${error.message}`;
}

/** The first line of `errorText`, for logs: storage errors go on with ids and times. */
export function errorLine(error: unknown): string {
	return errorText(error).split('\n', 1)[0] ?? '';
}
