/**
 * Why one record could not be synced.
 * https://learn.microsoft.com/graph/api/resources/educationsynchronizationerror?view=graph-rest-beta
 */
export interface SyncError {
	/** Upper-case GUID made by `syncErrorId`; its order is run, then kind, shard and place. */
	id: string;
	entryType: string;
	errorCode: string;
	errorMessage: string;
	/** The value that was looked for in the directory. */
	joiningValue: string;
	/** The value in the source. */
	reportableIdentifier: string;
	recordedDateTime: string;
}
