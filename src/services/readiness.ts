import type {
	Clock,
	DirectoryReader,
	Orchestrations,
	ProfileStore,
	RosterStore,
	SecretStore,
	UploadStore,
} from '../ports.ts';

export interface ReadinessDeps {
	profiles: ProfileStore;
	uploads: UploadStore;
	rosters: RosterStore;
	directory: DirectoryReader;
	secrets: SecretStore;
	orchestrations: Orchestrations;
	clock: Clock;
	/** One that may use this deployment. */
	tenantId: string;
}

export interface CheckResult {
	name: string;
	isReady: boolean;
	/** Why not: for the log, never for an answer. */
	error?: unknown;
}

export interface Readiness {
	isReady: boolean;
	checks: readonly CheckResult[];
}

/** Belongs to no profile: asking after it costs a look-up, and shows that the answer is there and that we may have it. */
const nobody = '00000000-0000-0000-0000-000000000000';

const limitMs = 5_000;

/** Asks each service that this one needs for something that is not there; one that does not answer within 5 s is not ready. */
export async function checkReadiness(deps: ReadinessDeps): Promise<Readiness> {
	const { tenantId } = deps;
	const ref = { tenantId, profileId: nobody };
	const questions: Readonly<Record<string, () => Promise<unknown>>> = {
		tables: () => deps.profiles.get(tenantId, nobody),
		rosters: () => deps.rosters.read('no-such-file'),
		uploads: () => deps.uploads.tenantOf(nobody),
		uploadUrls: () => deps.uploads.signUrl(nobody),
		directory: () => deps.directory.get(tenantId, 'schools', { id: nobody }),
		secrets: () => deps.secrets.get(ref),
		taskHub: () => deps.orchestrations.syncState(ref),
	};
	const checks = await Promise.all(Object.entries(questions).map(([name, ask]) => answerTo(name, ask, deps.clock)));
	return { isReady: checks.every(({ isReady }) => isReady), checks };
}

async function answerTo(name: string, ask: () => Promise<unknown>, clock: Clock): Promise<CheckResult> {
	const tooLate = clock.sleep(limitMs).then(() => {
		throw new Error(`There was no answer within ${limitMs / 1000} s.`);
	});
	try {
		await Promise.race([ask(), tooLate]);
		return { name, isReady: true };
	} catch (error) {
		return { name, isReady: false, error };
	}
}
