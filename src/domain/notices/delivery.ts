/** `done`: it was taken, or is not wanted any more. `again`: there was no answer, or another one. */
export type SendResult = 'done' | 'again';

export type DeliveryStep = { name: 'send' } | { name: 'wait'; milliseconds: number } | { name: 'giveUp' };

const minuteMs = 60_000;
const hourMs = 60 * minuteMs;

/** A receiver that is being updated is back in minutes, one that broke at night in the morning. */
const waitsMs: readonly number[] = [minuteMs, 5 * minuteMs, 30 * minuteMs, 2 * hourMs, 12 * hourMs];

/** The attempts to deliver one notice. It only decides; whoever drives it does the steps, and hands back what a sending came to. */
export function* courseOfDelivery(): Generator<DeliveryStep, void, SendResult | undefined> {
	if ((yield { name: 'send' }) === 'done') return;
	for (const milliseconds of waitsMs) {
		yield { name: 'wait', milliseconds };
		if ((yield { name: 'send' }) === 'done') return;
	}
	yield { name: 'giveUp' };
}
