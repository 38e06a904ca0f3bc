import type { DirectoryReader } from '../directory-ports.ts';
import type { Clock, Orchestrations, ProfileStore, RosterStore, SecretStore, UploadStore } from '../ports.ts';

export interface ReadinessDeps {
	profiles: ProfileStore;
	uploads: UploadStore;
	rosters: RosterStore;
	directory: DirectoryReader;
	secrets: SecretStore;
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

export interface ReadinessService {
	/** An answer is kept for 5 s, since anybody may ask, however often; `report` hears of it when it is new. */
	check(orchestrations: Orchestrations, report: (result: CheckResult) => void): Promise<Readiness>;
}

/** Belongs to no profile: asking after it costs a look-up, and shows that the answer is there and that we may have it. */
const nobody = '00000000-0000-0000-0000-000000000000';

const limitMs = 5_000;
const keptMs = 5_000;

export function readinessService(deps: ReadinessDeps): ReadinessService {
	let last: { at: number; answer: Promise<Readiness> } | undefined;
	return {
		check(orchestrations, report) {
			const now = deps.clock.now().getTime();
			if (!last || Math.abs(now - last.at) >= keptMs)
				last = { at: now, answer: checkAll(deps, orchestrations, report) };
			return last.answer;
		},
	};
}

/** Asks each service that this one needs for something that is not there; one that does not answer within 5 s is not ready. */
async function checkAll(
	deps: ReadinessDeps,
	orchestrations: Orchestrations,
	report: (result: CheckResult) => void,
): Promise<Readiness> {
	const { tenantId } = deps;
	const ref = { tenantId, profileId: nobody };
	const questions: Readonly<Record<string, () => Promise<unknown>>> = {
		tables: () => deps.profiles.get(tenantId, nobody),
		rosters: () => deps.rosters.read('no-such-file'),
		uploads: () => deps.uploads.tenantOf(nobody),
		uploadUrls: () => deps.uploads.signUrl(nobody),
		directory: () => deps.directory.get(tenantId, 'schools', { id: nobody }),
		secrets: () => deps.secrets.get(ref),
		taskHub: () => orchestrations.syncState(ref),
	};
	const checks = await Promise.all(Object.entries(questions).map(([name, ask]) => answerTo(name, ask, deps.clock)));
	for (const check of checks) report(check);
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
