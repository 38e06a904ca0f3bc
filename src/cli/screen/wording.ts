const number = new Intl.NumberFormat('en-US', { maximumFractionDigits: 0 });

export function formatCount(count: number): string {
	return number.format(count);
}

/** "1 error", "1,204 errors". */
export function countOf(count: number, noun: string): string {
	return `${formatCount(count)} ${noun}${count === 1 ? '' : 's'}`;
}

const byteUnits = ['bytes', 'KB', 'MB', 'GB', 'TB'] as const;

/** In decimal units, as file managers and network rates have them: "512 bytes", "21.3 KB", "1.2 GB". */
export function formatBytes(bytes: number): string {
	let unit = 0;
	let value = bytes;
	// 999.95 and more would be shown as "1000.0".
	while (value >= 999.95 && unit < byteUnits.length - 1) {
		value /= 1000;
		unit += 1;
	}
	return unit === 0 ? `${value} ${byteUnits[0]}` : `${value.toFixed(1)} ${byteUnits[unit]}`;
}

/** To the precision that a reader cares about: "under 0.1 s", "0.4 s", "12 s", "3 min 20 s", "1 h 5 min". */
export function formatDuration(durationMs: number): string {
	if (durationMs < 50) return 'under 0.1 s';
	if (durationMs < 9_950) return `${(durationMs / 1000).toFixed(1)} s`;
	const seconds = Math.round(durationMs / 1000);
	if (seconds < 60) return `${seconds} s`;
	if (seconds < 3600) return `${Math.floor(seconds / 60)} min ${seconds % 60} s`;
	const minutes = Math.round(seconds / 60);
	return `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}

// Bidirectional overrides and invisible format characters could make a cell pass for something else.
const unprintable = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\s]+/gu;

/** One line of text without control characters: values from a roster must not steer the administrator's terminal. */
export function printable(text: string): string {
	return text.replace(unprintable, ' ').trim();
}
