import type { TransportObserver, WriteObserver } from "@walras/kube";

import type { Metrics } from "./metrics.ts";

export function transportObserver(metrics: Metrics): TransportObserver {
  return {
    called: (verb, status, tookMs) => metrics.apiSeconds.observe({ verb, status: String(status) }, tookMs / 1000),
  };
}

export function writeObserver(metrics: Metrics): WriteObserver {
  return {
    finished: (outcome) => metrics.writes.inc({ outcome }),
    waiting: (count) => metrics.writeQueue.set(count),
  };
}
