import { rmSync } from 'node:fs';

/**
 * Azurite (3.37) says nothing when it cannot save. A database of LokiJS counts as saved before the disk has answered, the
 * error of an automatic save goes to nobody, and at the shutdown what failed is not tried again. This makes both heard of, and
 * has a failed save repeated at the next occasion.
 */
export function watchSaves(azurite: NodeJS.Require, report: (reason: string) => void): void {
	watchDatabases(azurite('lokijs') as LokiModule, report);
	const store = azurite('./common/persistence/FSExtentStore.js') as ExtentStoreModule;
	watchContents(store.default.prototype, report);
}

type SaveCallback = (error?: unknown) => void;

interface Loki {
	collections: { dirty: boolean }[];
	saveDatabaseInternal(callback?: SaveCallback): void;
}

interface LokiModule {
	prototype: Loki;
	LokiFsAdapter: { prototype: { saveDatabase(file: string, text: string, callback: SaveCallback): void } };
}

interface ExtentStoreModule {
	default: { prototype: ExtentStore };
}

interface ExtentStore {
	appendExtent(...parts: unknown[]): Promise<unknown>;
}

function watchDatabases({ prototype: loki, LokiFsAdapter }: LokiModule, report: (reason: string) => void): void {
	const { prototype: adapter } = LokiFsAdapter;
	const { saveDatabase } = adapter;
	adapter.saveDatabase = function (file, text, callback) {
		saveDatabase.call(this, file, text, (error) => {
			if (error) {
				report(reasonOf(error));
				// What could be written of it takes away the room that it lacks.
				rmSync(`${file}~`, { recursive: true, force: true });
			}
			callback(error);
		});
	};
	const { saveDatabaseInternal } = loki;
	loki.saveDatabaseInternal = function (callback) {
		saveDatabaseInternal.call(this, (error) => {
			if (error) for (const collection of this.collections) collection.dirty = true;
			callback?.(error);
		});
	};
}

const diskCalls = new Set(['open', 'write', 'fdatasync', 'ftruncate', 'mkdir']);

function watchContents(store: ExtentStore, report: (reason: string) => void): void {
	const { appendExtent } = store;
	store.appendExtent = async function (...parts) {
		try {
			return await appendExtent.apply(this, parts);
		} catch (error) {
			// A client that goes away in the middle of its upload is no fault of the disk.
			if (diskCalls.has(String((error as NodeJS.ErrnoException).syscall))) report(reasonOf(error));
			throw error;
		}
	};
}

const reasons: Readonly<{ [code: string]: string }> = {
	ENOSPC: 'the disk is full',
	EDQUOT: 'the disk quota is used up',
	EROFS: 'the disk can only be read',
	EACCES: 'the permission to write is missing',
	EPERM: 'the permission to write is missing',
	EIO: 'the disk reports an error',
	EFBIG: 'a file would become larger than is allowed',
	EMFILE: 'too many files are open',
};

/** LokiJS wraps errors of the file system into text. */
export function reasonOf(error: unknown): string {
	const text = error instanceof Error ? error.message : String(error);
	const code = /\bE[A-Z]{2,}\b/.exec(text)?.[0] ?? '';
	return `${reasons[code] ?? 'a file could not be written'} (${code || text})`;
}
