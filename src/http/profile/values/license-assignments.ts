import { z } from 'zod';
import type { LicenseAssignment } from '../../../domain/profile.ts';
import { namedObject, oncePerDirection, roleName, strings } from '../../openapi/described-shapes.ts';
import type { Setting } from '../property.ts';
import { list, name, shape } from '../schema-shapes.ts';
import { userRole } from './identity.ts';

const guidPattern = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;
/** Such as `STANDARDWOFFPACK_STUDENT`; some newer ones have blanks, brackets, a slash or a dash. */
const partNumberPattern = /^(?=.*[a-z])[a-z0-9][\w ()/.+-]*$/i;
/** A GUID that lost a digit, and no part number: these have other letters than a to f, or no dash. */
const brokenGuidPattern = /^[0-9a-f]+(-[0-9a-f]*)+$/i;

const isSku = (text: string) =>
	guidPattern.test(text) || (partNumberPattern.test(text) && !brokenGuidPattern.test(text));

/** https://learn.microsoft.com/entra/identity/users/licensing-service-plan-reference */
const skuId = name.refine(isSku, {
	error: 'must be the GUID or the part number of a licence, such as "STANDARDWOFFPACK_STUDENT"',
	when: ({ value }) => typeof value === 'string' && value !== '',
});

const licenseAssignment = shape({ appliesTo: userRole, skuIds: list(skuId).default([]) });

export const licenseAssignments = {
	input: list(licenseAssignment).default([]),
	shown: (assignments: readonly LicenseAssignment[]) =>
		assignments.map(({ appliesTo, skuIds }) => ({ appliesTo, skuIds })),
	described: oncePerDirection((direction) =>
		z.array(
			namedObject(
				{ direction, type: 'educationSynchronizationLicenseAssignment' },
				{ appliesTo: roleName },
				{ skuIds: strings },
			),
		),
	),
} satisfies Setting<readonly LicenseAssignment[]>;
