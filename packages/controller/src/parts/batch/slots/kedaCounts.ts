import type { SlotPod } from "../decide/job.ts";
import type { KedaCounts, Scaling } from "../decide/scaling.ts";
import type { SlotView } from "./ports.ts";

/** A ScaledJob's Jobs as KEDA counts them; what is pending matters to two of its strategies only. */
export function kedaCounts(view: Pick<SlotView, "jobs" | "pods">, owner: string, scaling: Scaling): KedaCounts {
  const unfinished = [...view.jobs()].filter((job) => job.owner === owner && !job.finished).map(({ uid }) => uid);
  const running = unfinished.length;
  if (running === 0 || scaling.strategy === "default" || scaling.strategy === "custom") return { running, pending: 0 };
  const begun = new Set<string>();
  for (const pod of view.pods()) if (hasBegun(pod, scaling)) begun.add(pod.jobUid);
  return { running, pending: unfinished.filter((uid) => !begun.has(uid)).length };
}

function hasBegun({ started, conditions }: SlotPod, { pendingConditions }: Scaling): boolean {
  return pendingConditions.length === 0 ? started : pendingConditions.every((type) => conditions.includes(type));
}
