import type { Clock, Logger } from "@walras/kit";

import { CgroupVersion } from "@walras/proto";

import type { AgentObserver } from "../agents/registry.ts";
import type { ClusterView } from "../cluster/view.ts";
import type { Ledger } from "../ledger/ledger.ts";
import type { Announcer, EventSubject } from "../loop/announcer.ts";
import type { RoundObserver } from "../loop/steps.ts";
import type { ResizeObserver } from "../resize/actuator.ts";
import type { Metrics } from "./metrics.ts";

export function roundObserver(metrics: Metrics): RoundObserver {
  return {
    stepTook: (step, tookMs) => metrics.stepSeconds.observe({ step }, tookMs / 1000),
    roundFailed: () => metrics.roundFailures.inc(),
  };
}

export function resizeObserver(metrics: Metrics, announcer: Announcer, ledger: Ledger, clock: Clock): ResizeObserver {
  return {
    resized: ({ pod, cuts, cause }, tookMs) => {
      metrics.resizes.inc({ direction: cause === "market" ? (cuts ? "down" : "up") : cause });
      metrics.resizeSeconds.observe(tookMs / 1000);
      const reading = ledger.container(pod.node, pod.containers[0]?.containerId ?? "");
      if (reading && cause === "market") metrics.reactionSeconds.observe((clock.monotonicMs() - reading.atMs) / 1000);
      announcer.resized(pod);
    },
    refused: (pod, reason, message) => {
      metrics.resizeRefusals.inc({ reason });
      announcer.refused(pod, reason, message);
    },
    dropped: (reason) => metrics.resizesDropped.inc({ reason }),
  };
}

export function agentObserver(
  metrics: Metrics,
  announcer: Announcer,
  view: ClusterView,
  logger: Logger,
): AgentObserver {
  return {
    connected: ({ nodeName: node, cgroupVersion, pressureAvailable, agentVersion }, sessions) => {
      metrics.agents.set(sessions);
      const kernel = { cgroup: cgroupNames[cgroupVersion] ?? "unknown", pressure: pressureAvailable };
      logger.info({ node, ...kernel, agentVersion, sessions }, "agent connected");
      announcer.back(nodeSubject(node, view));
    },
    disconnected: (node, sessions) => {
      metrics.agents.set(sessions);
      logger.info({ node, sessions }, "agent disconnected");
      announcer.silent(nodeSubject(node, view));
    },
    reported: (node, rejections) => {
      metrics.reports.inc();
      for (const { reason } of rejections) metrics.reportRejections.inc({ reason });
      if (rejections.length === 0) return;
      logger.debug({ node, rejections }, "report not believed");
      announcer.rejected(nodeSubject(node, view), rejections);
    },
  };
}

const cgroupNames: Readonly<Record<number, string>> = {
  [CgroupVersion.CGROUP_VERSION_V1]: "v1",
  [CgroupVersion.CGROUP_VERSION_V2]: "v2",
  [CgroupVersion.CGROUP_VERSION_HYBRID]: "hybrid",
};

function nodeSubject(name: string, view: ClusterView): EventSubject {
  return { apiVersion: "v1", kind: "Node", namespace: "", name, uid: view.node(name)?.uid ?? "" };
}
