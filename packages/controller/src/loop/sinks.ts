import type { Clock } from "@walras/kit";

import type { AllocationRecorder } from "../allocation/recorder.ts";
import type { ClusterView } from "../cluster/view.ts";
import type { MarketView } from "../ops/marketView.ts";
import type { Metrics } from "../ops/metrics.ts";
import type { ResizeActuator } from "../resize/actuator.ts";
import type { Announcer } from "./announcer.ts";
import type { Explainer } from "./explain.ts";
import type { RoundSinks } from "./round.ts";

/** Where a round's consequences go: resizes to the API, reasons to PodAllocations, news to Events and screens. */
export function roundSinks(parts: {
  readonly actuator: ResizeActuator;
  readonly recorder: AllocationRecorder;
  readonly explainer: Explainer;
  readonly announcer: Announcer;
  readonly metrics: Metrics;
  readonly marketView: MarketView;
  readonly stores: ClusterView;
  readonly clock: Clock;
}): RoundSinks {
  const { actuator, recorder, explainer, announcer, metrics, marketView, stores, clock } = parts;
  return {
    resize: (resize, scarce) => actuator.submit(resize, scarce),
    released: (pod) => recorder.remove(pod),
    explain: (result) => {
      metrics.rounds.inc({ mode: result.decision.mode });
      announcer.round(result);
      marketView.record(result, clock.wallMs());
      for (const record of explainer.records(result)) {
        const stored = stores.allocationOf(record.pod);
        if (stored) recorder.adopt(record.pod, stored);
        recorder.record(record);
      }
    },
  };
}
