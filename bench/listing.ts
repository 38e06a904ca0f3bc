import { type StorageAccount, storageAccount } from '../src/adapters/storage-account.ts';
import { jsonColumns } from '../src/adapters/stores/json-entity.ts';
import { tableProfileStore } from '../src/adapters/stores/profile-store.ts';
import { tableSyncErrorStore } from '../src/adapters/stores/sync-error-store.ts';
import { inParallel, slices } from '../src/adapters/transactions.ts';
import type { Profile } from '../src/domain/profile.ts';
import { newProfileId } from '../src/domain/profile-id.ts';
import { newRunId, syncErrorId } from '../src/domain/run-id.ts';
import type { SyncError } from '../src/domain/sync-error.ts';
import { startAzurite } from '../src/local/azurite/azurite.ts';
import type { Page, PageRequest, ProfileStore, SyncErrorStore } from '../src/ports.ts';
import { profile } from '../test/support/rosters/profile-builder.ts';
import { median } from './paired.ts';

type ListedRead =
	| 'profiles'
	| 'profilesInTheMiddle'
	| 'errors'
	| 'errorsInTheMiddle'
	| 'errorsByHundred'
	| 'errorCount'
	| 'oneError';

export interface ListingResult {
	smallCollection: number;
	largeProfiles: number;
	largeErrors: number;
	/** A read of the large collection, as a multiple of the same read of the small one. */
	ratios: Partial<Record<ListedRead, number>>;
	/** Medians of the large collections. */
	largeMs: Partial<Record<ListedRead, number>>;
	isWithinBudget: boolean;
}

/** The budget: twice the time of the small collection. */
const maxRatio = 2;
const small = 100;
const largeProfiles = 10_000;
const rounds = 31;
const defaultPageSize = 100;
const page: PageRequest = { size: 50 };
const [smallTenant, largeTenant] = ['11111111-1111-4111-8111-111111111111', '22222222-2222-4222-8222-222222222222'];
const [smallProfile, largeProfile] = ['018f0000-0000-7000-8000-000000000001', '018f0000-0000-7000-8000-000000000002'];

/**
 * Lists, counts and reads in two collections of very different size, in turns, through the stores over the emulator.
 */
export async function measureListing(largeErrors: number): Promise<ListingResult> {
	const azurite = await startAzurite({ preferUsualPorts: false, log: () => {} });
	try {
		const account = storageAccount({ kind: 'connectionString', connectionString: azurite.connectionString });
		const profiles = tableProfileStore(account);
		const errors = tableSyncErrorStore(account);
		const [smallIds, largeIds] = [
			await fillProfiles(account, smallTenant, small),
			await fillProfiles(account, largeTenant, largeProfiles),
		];
		await fillErrors(errors, smallProfile, small);
		await fillErrors(errors, largeProfile, largeErrors);
		const ratios: Partial<Record<ListedRead, number>> = {};
		const largeMs: Partial<Record<ListedRead, number>> = {};
		for (const [name, read] of Object.entries(reads({ profiles, errors, smallIds, largeIds, largeErrors }))) {
			const compared = await compare(...read);
			ratios[name as ListedRead] = compared.ratio;
			largeMs[name as ListedRead] = compared.largeMs;
		}
		return {
			smallCollection: small,
			largeProfiles,
			largeErrors,
			ratios,
			largeMs,
			isWithinBudget: Object.values(ratios).every((ratio) => ratio <= maxRatio),
		};
	} finally {
		await azurite.stop();
	}
}

type Work = () => Promise<Page<unknown> | number | object | undefined>;

interface Collections {
	profiles: ProfileStore;
	errors: SyncErrorStore;
	smallIds: readonly string[];
	largeIds: readonly string[];
	largeErrors: number;
}

/** What is read of the small collection, and the same of the large one. */
function reads({ profiles, errors, smallIds, largeIds, largeErrors }: Collections): Record<ListedRead, [Work, Work]> {
	const middleOf = (ids: readonly string[]) => ids[Math.floor(ids.length / 2)] as string;
	const middleError = (count: number) => errorAt(count / 2 - 1).id;
	const profilePage = (tenantId: string, from?: string) => () => profiles.list(tenantId, pageFrom(from));
	const errorPage = (profileId: string, from?: string) => () => errors.list(profileId, pageFrom(from));
	const hundred = (profileId: string) => () => errors.list(profileId, { size: defaultPageSize });
	return {
		profiles: [profilePage(smallTenant), profilePage(largeTenant)],
		profilesInTheMiddle: [profilePage(smallTenant, middleOf(smallIds)), profilePage(largeTenant, middleOf(largeIds))],
		errors: [errorPage(smallProfile), errorPage(largeProfile)],
		errorsInTheMiddle: [errorPage(smallProfile, middleError(small)), errorPage(largeProfile, middleError(largeErrors))],
		errorsByHundred: [hundred(smallProfile), hundred(largeProfile)],
		errorCount: [() => errors.count(smallProfile), () => errors.count(largeProfile)],
		oneError: [
			() => errors.get(smallProfile, middleError(small)),
			() => errors.get(largeProfile, middleError(largeErrors)),
		],
	};
}

const pageFrom = (continuation: string | undefined): PageRequest =>
	continuation === undefined ? page : { ...page, continuation };

/** Both in every round, the order swapped from round to round, and a first pair thrown away. */
async function compare(smallWork: Work, largeWork: Work): Promise<{ ratio: number; largeMs: number }> {
	const times: { smallMs: number; largeMs: number }[] = [];
	for (let round = 0; round <= rounds; round++) {
		const isSwapped = round % 2 === 1;
		const first = await timed(isSwapped ? largeWork : smallWork);
		const second = await timed(isSwapped ? smallWork : largeWork);
		if (round > 0) times.push(isSwapped ? { smallMs: second, largeMs: first } : { smallMs: first, largeMs: second });
	}
	return {
		ratio: median(times.map(({ smallMs, largeMs }) => largeMs / smallMs)),
		largeMs: median(times.map(({ largeMs }) => largeMs)),
	};
}

async function timed(work: Work): Promise<number> {
	const startedAt = performance.now();
	const answer = await work();
	if (answer === undefined) throw new Error('Cannot measure: there was nothing to read.');
	return performance.now() - startedAt;
}

/** Written as the store writes them, a hundred at a time. */
async function fillProfiles(account: StorageAccount, tenantId: string, count: number): Promise<string[]> {
	const table = await account.table('Profiles');
	const profiles = Array.from({ length: count }, (_, at) => profileAt(tenantId, at));
	await inParallel(slices(profiles), (batch) =>
		table.submitTransaction(
			batch.map((each) => ['create', { partitionKey: tenantId, rowKey: each.id, ...jsonColumns(each) }]),
		),
	);
	return profiles.map(({ id }) => id);
}

function profileAt(tenantId: string, at: number): Profile {
	const created = new Date(Date.UTC(2026, 0, 1) + at * 1_000);
	const id = newProfileId(created, at.toString(16).padStart(18, '0'));
	return profile({ id, tenantId, displayName: `District ${at}`, createdDateTime: created.toISOString() });
}

const runId = newRunId(new Date(Date.UTC(2026, 0, 1)), '0'.repeat(18));
const saveAtOnce = 1_000;

async function fillErrors(errors: SyncErrorStore, profileId: string, count: number): Promise<void> {
	for (let from = 0; from < count; from += saveAtOnce) {
		const length = Math.min(saveAtOnce, count - from);
		await errors.save(
			profileId,
			Array.from({ length }, (_, at) => errorAt(from + at)),
		);
	}
}

function errorAt(index: number): SyncError {
	return {
		id: syncErrorId({ runId, stage: 2, shard: 0, index }),
		entryType: 'Student',
		errorCode: 'InvalidLookupReference',
		errorMessage: `Error: student.csv, line ${index + 2}, column School SIS ID: value "S${index}" is not in school.csv`,
		joiningValue: `P${index}`,
		reportableIdentifier: `P${index}`,
		recordedDateTime: '2026-01-01T00:00:00Z',
	};
}
