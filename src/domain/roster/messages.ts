export type Severity = 'Error' | 'Warning' | 'Information';

/** https://learn.microsoft.com/graph/api/resources/educationfilesynchronizationverificationmessage?view=graph-rest-beta */
export interface VerificationMessage {
	type: Severity;
	/** Lower-case. */
	fileName: string;
	description: string;
}
