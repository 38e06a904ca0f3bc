import type { Refusal, WriteOutcome } from '../../../domain/directory.ts';
import type { SyncErrorCode } from '../../../domain/sync-error-codes.ts';
import { faultOf, type GraphFault } from './client/graph-errors.ts';
import type { GraphAnswer } from './client/graph-request.ts';

export const refusedOutcome = ({ code, message }: Refusal): WriteOutcome => ({ ok: false, code, message });

/** Whether Graph refuses a value because another object has it. */
export const isConflict = (answer: GraphAnswer, property: string): boolean =>
	answer.status === 400 &&
	faultOf(answer).details.some(
		({ code, target }) => target === property && ['ObjectConflict', 'ConflictingObjects'].includes(code),
	);

/** https://learn.microsoft.com/graph/api/group-post-members and the schools' like of it have no code of their own for it. */
export const isThereAlready = (answer: GraphAnswer): boolean =>
	answer.status === 400 && /references already exist|conflicting object/i.test(faultOf(answer).message);

/** What Graph's refusal of an object or membership means for its record. */
export function refusalOf(answer: GraphAnswer): Refusal {
	const fault = faultOf(answer);
	const known = refusals.find(({ when }) => when(answer.status, fault));
	const told = fault.message || `Microsoft Graph answered with status ${answer.status}.`;
	return { code: known?.code ?? 'UnSpecified', message: known?.cure ? `${told} ${known.cure}` : told };
}

interface KnownRefusal {
	when: (status: number, fault: GraphFault) => boolean;
	code: SyncErrorCode;
	cure?: string;
}

/** The first one that applies counts. */
const refusals: readonly KnownRefusal[] = [
	{
		when: (_, { message }) => /usage location/i.test(message),
		code: 'AzureActiveDirectoryInvalidUserUsageLocation',
		cure: 'Give the tenant, or the user, a country.',
	},
	{
		when: (_, { message }) => /licen[cs]e/i.test(message),
		code: 'AzureActiveDirectoryInvalidLicense',
		cure: 'Check the licences of the profile, and how many of them are free.',
	},
	{
		when: (_, { code }) => code === 'Directory_QuotaExceeded',
		code: 'UnSpecified',
		cure: 'Ask Microsoft for a higher limit, or delete objects for good that nobody needs.',
	},
	{
		when: (status) => status === 403,
		code: 'UnSpecified',
		cure: 'Grant the application the permissions that docs/entra.md lists; an administrator of the directory can only be changed by an administrator.',
	},
	{
		when: (status) => status === 404,
		code: 'InvalidLookupReference',
		cure: 'Somebody deleted it in the directory, or it is too new: the next sync looks again.',
	},
	{
		when: (status, { details }) => status === 400 && details.length > 0,
		code: 'AzureActiveDirectoryInvalidPropertyValue',
		cure: 'Correct the value in the files.',
	},
];
