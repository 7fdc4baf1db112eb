import type { Clock, Logger, Rng } from "@walras/kit";
import type { KubeTransport } from "@walras/kube";

/** What the machine gives, and what a simulation gives in its place. */
export interface Surroundings {
  readonly clock: Clock;
  readonly rng: Rng;
  readonly logger: Logger;
  /** Called when the lease is lost: the process must end. */
  readonly onLost: () => void;
  /** The way to the API server, in place of the one that the kubeconfig names. */
  readonly transport?: KubeTransport;
}
