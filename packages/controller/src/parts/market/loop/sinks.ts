import type { Clock } from "@walras/kit";

import type { AllocationRecorder } from "../explain/recorder.ts";
import type { DeclaredMemory } from "../observe/declared.ts";
import type { ClusterView } from "../observe/view.ts";
import type { MarketView } from "../explain/view.ts";
import type { ResizeActuator } from "../act/actuator.ts";
import type { Announcer } from "../explain/announcer.ts";
import type { Explainer } from "../explain/explain.ts";
import type { NodeDecision } from "../decide/snapshot.ts";
import type { PodState } from "../../../base/cluster/pod.ts";
import type { RoundSinks } from "./round.ts";

/** Where a round's consequences go: resizes to the API, reasons to PodAllocations, news to Events and screens. */
export function roundSinks(parts: {
  readonly actuator: ResizeActuator;
  readonly recorder: AllocationRecorder;
  readonly explainer: Explainer;
  readonly announcer: Announcer;
  /** The pod is off the market, and has what it declared. */
  readonly left: (pod: PodState) => void;
  readonly counted: (mode: NodeDecision["mode"] | "unchanged") => void;
  readonly marketView: MarketView;
  readonly cluster: ClusterView;
  readonly declared: DeclaredMemory;
  readonly clock: Clock;
}): RoundSinks {
  const { actuator, recorder, explainer, announcer, left, counted, marketView, cluster, declared, clock } = parts;
  const done = (pod: PodState): void => {
    recorder.remove(pod);
    declared.forget(pod.uid);
  };
  return {
    resize: (resize, scarce) => actuator.submit(resize, scarce),
    isBehind: () => actuator.isBehind,
    released: (pod) => {
      done(pod);
      left(pod);
    },
    ended: done,
    unchanged: () => counted("unchanged"),
    explain: (result) => {
      counted(result.decision.mode);
      announcer.round(result);
      marketView.record(result, clock.wallMs());
      for (const record of explainer.records(result, recorder.isFull)) {
        const stored = cluster.allocationOf(record.pod);
        if (stored) recorder.adopt(record.pod, stored);
        recorder.record(record);
      }
    },
  };
}
