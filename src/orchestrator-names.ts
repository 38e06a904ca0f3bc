/** Names of the orchestrator functions: the functions register them, the durable adapter starts them. */
export const orchestratorNames = {
	provision: 'provisionProfile',
	remove: 'removeProfile',
	sync: 'syncProfile',
	settle: 'settleUploads',
	notice: 'deliverNotice',
} as const;
