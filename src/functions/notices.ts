import * as df from 'durable-functions';
import { courseOfDelivery, type SendResult } from '../domain/notices/delivery.ts';
import type { Notice } from '../domain/notices/notice.ts';
import { orchestratorNames } from '../orchestrator-names.ts';
import { giveUpNotice, sendNotice } from '../services/notices/deliveries.ts';
import { deliveryDeps } from '../wiring.ts';
import { stepRetries } from './registration/step-retries.ts';

const send = df.app.activity('sendNotice', {
	handler: async (notice: Notice, context) => sendNotice(deliveryDeps(context), notice),
});

const giveUp = df.app.activity('giveUpNotice', {
	handler: async (notice: Notice, context) => giveUpNotice(deliveryDeps(context), notice),
});

/** Delivers one notice; its course decides, and every effect is in an activity. */
df.app.orchestration(orchestratorNames.notice, function* (context) {
	const notice = context.df.getInput<Notice>() as Notice;
	const course = courseOfDelivery();
	for (let next = course.next(); !next.done; ) {
		const step = next.value;
		if (step.name === 'wait') {
			yield context.df.createTimer(new Date(context.df.currentUtcDateTime.getTime() + step.milliseconds));
			next = course.next();
		} else if (step.name === 'giveUp') {
			yield giveUp(notice).withRetry(stepRetries());
			next = course.next();
		} else {
			let result: SendResult = 'again';
			try {
				result = (yield send(notice).withRetry(stepRetries())) as SendResult;
			} catch {
				// Storage does not answer: it may at the next attempt.
			}
			next = course.next(result);
		}
	}
});
