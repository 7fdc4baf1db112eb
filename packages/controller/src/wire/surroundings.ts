import type { Clock, Logger, Rng, Runnable } from "@walras/kit";

/** What the machine gives, and what a simulation gives in its place. */
export interface Surroundings {
  readonly clock: Clock;
  readonly rng: Rng;
  readonly logger: Logger;
  /** Called when the lease is lost: the process must end. */
  readonly onLost: () => void;
}

/** One part, wired: what runs, what it shows, and whether it is ready. */
export interface Part {
  /** In the order they start. */
  readonly runnables: readonly Runnable[];
  readonly views: Readonly<Record<string, () => object>>;
  /** What is not ready yet; empty when all is. */
  readonly notReady: () => readonly string[];
  /** What its first line in the log says, where it has one. */
  readonly greeting?: () => string;
}
