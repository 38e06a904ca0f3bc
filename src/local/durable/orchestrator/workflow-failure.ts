/** A reason for which an orchestration must fail; the message becomes its failure. */
export class WorkflowFailure extends Error {}
