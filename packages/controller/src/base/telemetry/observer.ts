import type { Logger } from "@walras/kit";
import { CgroupVersion } from "@walras/proto";

import type { NodesView } from "../cluster/view.ts";
import type { BaseMetrics } from "../ops/metrics.ts";
import type { AgentObserver } from "./agents/registry.ts";
import { nodeRef } from "../told/decision.ts";
import type { Teller } from "../told/teller.ts";
import type { Rejection } from "./ledger/feed.ts";
import type { telemetryVerdicts } from "./verdicts.ts";

interface ObserverNeeds {
  readonly metrics: BaseMetrics;
  readonly teller: Teller<typeof telemetryVerdicts>;
  readonly view: NodesView;
  readonly logger: Logger;
}

/** What is told of agents: metrics, the log, and Events on their nodes. */
export function agentObserver({ metrics, teller, view, logger }: ObserverNeeds): AgentObserver {
  const tell = (node: string, verdict: keyof typeof telemetryVerdicts, reason: string): void =>
    teller.tell({ object: nodeRef(node, view.node(node)?.uid ?? ""), verdict, reason });
  return {
    connected: ({ nodeName: node, cgroupVersion, pressureAvailable, agentVersion }, sessions) => {
      metrics.agents.set(sessions);
      const kernel = { cgroup: cgroupNames[cgroupVersion] ?? "unknown", pressure: pressureAvailable };
      logger.info({ node, ...kernel, agentVersion, sessions }, "agent connected");
      tell(node, "AgentReporting", "its agent reports");
    },
    disconnected: (node, sessions) => {
      metrics.agents.set(sessions);
      logger.info({ node, sessions }, "agent disconnected");
      tell(node, "AgentSilent", "its agent is silent: pods keep what they have");
    },
    reported: (node, rejections) => {
      metrics.reports.inc();
      for (const { reason, count } of rejections) metrics.reportRejections.inc({ reason }, count ?? 1);
      if (rejections.length === 0) return;
      logger.debug({ node, rejections }, "report not believed");
      tell(node, "AgentReportRejected", inShort(rejections));
    },
  };
}

const cgroupNames: Readonly<Record<number, string>> = {
  [CgroupVersion.CGROUP_VERSION_V1]: "v1",
  [CgroupVersion.CGROUP_VERSION_V2]: "v2",
  [CgroupVersion.CGROUP_VERSION_HYBRID]: "hybrid",
};

function inShort(rejections: readonly Rejection[]): string {
  const others = rejections.length > 1 ? ` and ${rejections.length - 1} more` : "";
  return `${rejections[0]?.reason}: ${rejections[0]?.detail}${others}`;
}
