import { z } from 'zod';
import { type NotificationSettings, noticeTypes } from '../../../domain/notices/notice.ts';
import { secretBytes } from '../../../domain/notices/signature.ts';
import { namedObject, uri, writeOnly } from '../../openapi/described-shapes.ts';
import type { Setting } from '../property.ts';
import { list, optional, shape, withoutAbsent } from '../schema-shapes.ts';
import { serverUrl } from './server-url.ts';

/** A property of ours: who is told by a webhook, and signed with what. */

const secret = z
	.string()
	.trim()
	.refine((text) => secretBytes(text) !== undefined, { error: 'must be 24 to 64 random bytes in base64' });

const noticeType = z.enum(noticeTypes, { error: `must be one of ${noticeTypes.join(', ')}` });

const sent = shape({ url: serverUrl, events: list(noticeType).min(1).nullish(), secret: optional(secret) });

export const notifications = {
	whenAbsent: 'hidden',
	input: sent.transform(({ url, events }) =>
		withoutAbsent<NotificationSettings>({ url, events: events ?? undefined } as NotificationSettings),
	),
	secrets: optional(sent).transform((given): { notificationSecret?: string } =>
		given?.secret ? { notificationSecret: given.secret } : {},
	),
	described: (direction) =>
		namedObject(
			{ direction, type: 'notifications' },
			{ url: uri },
			{ events: z.array(z.enum(noticeTypes)).optional(), ...writeOnly(direction, 'secret') },
		),
	query: { url: 'string' },
} satisfies Setting<NotificationSettings | undefined>;
