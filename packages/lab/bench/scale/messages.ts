import type { StepDelays } from "./stepWatch.ts";

/** What the load is told: where agents report, that the steps begin, or that its result is asked for, with its garbage collected before. */
export type ToLoad =
  | { readonly agentPort: number }
  | { readonly step: true }
  | { readonly ask: true }
  | { readonly collect: true };

/** What the load tells: where its API server is once all pods run, or how it went so far. */
export type FromLoad = { readonly url: string } | (StepDelays & LoadWork);

/** What the load did itself. */
interface LoadWork {
  readonly resizes: number;
  /** The longest that its event loop stood still since the steps began: a step that fell into it was noted late. */
  readonly stallMs: number;
}
