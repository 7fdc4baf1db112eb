import type { ReflectorObserver, TransportObserver, WriteObserver } from "@walras/kube";

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

export function reflectorObserver(metrics: Metrics): ReflectorObserver {
  return {
    restarted: (resource, reason) => metrics.watchRestarts.inc({ resource, reason }),
    unreadable: (resource) => metrics.unreadableObjects.inc({ resource }),
    handlerFailed: (resource) => metrics.handlerErrors.inc({ resource }),
    diverged: (resource, count) => metrics.divergences.inc({ resource }, count),
  };
}
