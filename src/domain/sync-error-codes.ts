/**
 * The documented error codes that this service uses; clients know them from School Data Sync.
 * https://learn.microsoft.com/schooldatasync/sds-errors
 */
export const syncErrorCodes = [
	'UnsynchronizableChange',
	'UnmatchedEntry',
	'DuplicateTargetEntries',
	'InvalidLookupReference',
	'AzureActiveDirectoryInvalidPropertyValue',
	'AzureActiveDirectoryInvalidLicense',
	'AzureActiveDirectoryInvalidUserUsageLocation',
	'UnSpecified',
	'None',
] as const;

export type SyncErrorCode = (typeof syncErrorCodes)[number];
