/** What the Azurite process tells the host through their channel. */
export type AzuriteMessage =
	/** Before it serves: what may have been lost since it was last in use, and when that was last found. */
	| { kind: 'opened'; losses: readonly string[]; lostAt?: string }
	/** At once, when something cannot be written. */
	| { kind: 'cannotSave'; reason: string };

/** The exit code of an Azurite process that could not save everything. Its last line on standard error says why. */
export const notSavedExitCode = 3;
