/**
 * Which write goes first when the budget is short, over all parts. Lower goes
 * first: what others wait for, then what somebody needs, then what only
 * reclaims, then what is told.
 */
export const writePriority = {
  /** A cut on a node where capacity binds: somebody waits for what it frees. */
  cutForOthers: 0,
  /** A raise: a throttled container does not queue behind ten thousand idle ones. */
  raise: 1,
  /** A pod that gets its node. */
  bind: 1,
  /** Without it the API server cannot ask the webhook, and pods with GPUs are not created. */
  certificate: 1,
  /** A suspended job for which a slot is kept empty. */
  releaseJob: 1,
  /** A job off a node that has been overloaded for long. */
  evictJob: 2,
  /** A pod off the node that its scheduling map does not name any more. */
  movePod: 2,
  /** What brings a workload to its targets, or takes what it does not need for them. */
  actIntent: 2,
  /** A cut that only reclaims slack. */
  cut: 2,
  /** What was done, for whoever comes after us. */
  record: 3,
  /** Why it was done. */
  status: 4,
  /** Labels that guide the scheduler. */
  nodeLabel: 5,
  /** What workloads have been seen to need: worth hours, and so never urgent. */
  profile: 6,
  event: 9,
} as const;
