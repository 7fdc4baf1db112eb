import type { Refusal } from "./admission.ts";
import type { PodResources, PodView } from "./podView.ts";

/** A container under way. */
export interface RunningContainer {
  /** Without the runtime's prefix. */
  readonly id: string;
  readonly startedAt: string;
  readonly restarts: number;
  /** undefined: it runs */
  readonly endedAt?: string;
}

/** A resize that is refused for now or for good. */
interface PendingState extends Refusal {
  /** metadata.generation that was tried last. */
  readonly generation: number;
  readonly sinceMs: number;
}

/** What a kubelet knows of one of its pods. */
export interface RunningPod {
  /** The pod as last seen: the desired state. */
  view: PodView;
  phase: "Pending" | "Running" | "Succeeded" | "Failed";
  /** Why it was turned away, where the phase is Failed. */
  rejection: string | null;
  /** Admitted. */
  allocated: PodResources;
  /** Written to the cgroups. */
  actuated: PodResources;
  /** Read back, as status.containerStatuses[].resources tells it. */
  actual: PodResources;
  pending: PendingState | null;
  /** The generation whose resize is being carried out, and since when. */
  inProgress: { readonly generation: number; readonly sinceMs: number } | null;
  /** The last generation that the kubelet has acted on. */
  observedGeneration: number;
  containers: ReadonlyMap<string, RunningContainer>;
  readonly ip: string;
  readonly startTime: string;
  stopping: boolean;
}
