import type { Verdicts } from "../told/decision.ts";

/** What is told of agents, on their nodes. */
export const telemetryVerdicts = {
  AgentReporting: { about: "node", event: "Normal", meaning: "its agent is back" },
  AgentSilent: { about: "node", event: "Warning", meaning: "its agent is gone" },
  AgentReportRejected: { about: "node", event: "Warning", meaning: "what of a report was not believed" },
} as const satisfies Verdicts;
