/**
 * How many writes a tenant takes. Microsoft Graph allows an app 3,000 writes in 150 seconds for each tenant, and whatever instance
 * writes counts towards it: so every instance reserves a few at a time from one account of the tenant.
 * https://learn.microsoft.com/graph/throttling-limits#identity-and-access-service-limits
 */
export interface WriteBudget {
	reserve(tenantId: string, units: number): Promise<Reservation>;
	/** Graph has refused a write, or says that the limit is passed: nobody writes for a while, and then everybody more slowly. */
	slowDown(tenantId: string, slowing: Slowing): Promise<void>;
}

/** Writes may be sent at these moments: the first at `from`, in milliseconds since 1970, each other one an interval later. */
export interface Reservation {
	from: number;
	intervalMs: number;
	units: number;
}

export interface Slowing {
	pauseMs: number;
	/** What is left of the speed. */
	factor: number;
}

export interface BudgetRules {
	perSecond: number;
	/** After a quiet time so many writes need not wait. */
	burst: number;
}

const quota = { writes: 3000, seconds: 150 } as const;
const burst = 40;
/** Writes that were sent earlier may arrive together with later ones. */
const lateWrites = 40;

/** What is sent at once after a quiet time, what comes late and what follows stay within the quota together. */
export const graphRules: BudgetRules = { perSecond: (quota.writes - burst - lateWrites) / quota.seconds, burst };

/** Reads cost resource units, of which the smallest tenant has 350 a second, and a look-up takes one or two: each instance keeps to a part. */
export const readRules: BudgetRules = { perSecond: 150, burst: 150 };

/** What an account of writes remembers. */
export interface BudgetState {
	/** When the next write may be sent. */
	nextAt: number;
	/** The present speed, as a part of what the rules allow. */
	share: number;
}

export const untouched: BudgetState = { nextAt: 0, share: 1 };

const slowest = 0.05;
/** Back at full speed after some thousand writes without a refusal. */
const recoveryPerUnit = 0.0004;
/** An instance with a wrong clock must not make the others wait for longer. */
const farthestMs = 180_000;

export function reserved(
	state: BudgetState,
	{ units, now, rules }: { units: number; now: number; rules: BudgetRules },
): { state: BudgetState; reservation: Reservation } {
	const intervalMs = 1000 / (rules.perSecond * state.share);
	const earliest = now - rules.burst * intervalMs;
	const from = Math.min(Math.max(state.nextAt, earliest), now + farthestMs);
	const next = { nextAt: from + units * intervalMs, share: Math.min(1, state.share + recoveryPerUnit * units) };
	return { state: next, reservation: { from, intervalMs, units } };
}

export function slowed(state: BudgetState, { pauseMs, factor }: Slowing, now: number): BudgetState {
	return {
		nextAt: Math.max(state.nextAt, now + Math.min(pauseMs, farthestMs)),
		share: Math.max(slowest, state.share * factor),
	};
}

/** For one instance, as on a developer's machine. */
export function memoryWriteBudget(now: () => Date, rules = graphRules): WriteBudget {
	const states = new Map<string, BudgetState>();
	const stateOf = (tenantId: string) => states.get(tenantId) ?? untouched;
	return {
		async reserve(tenantId, units) {
			const { state, reservation } = reserved(stateOf(tenantId), { units, now: now().getTime(), rules });
			states.set(tenantId, state);
			return reservation;
		},
		async slowDown(tenantId, slowing) {
			states.set(tenantId, slowed(stateOf(tenantId), slowing, now().getTime()));
		},
	};
}
