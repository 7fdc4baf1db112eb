import type { Verdicts } from "../../../base/told/decision.ts";

/** What the market tells of pods. */
export const marketVerdicts = {
  MarketLeavesAlone: { about: "pod", event: "Normal", meaning: "opted in, but cannot be resized, and why" },
  MarketKeepsRequest: {
    about: "pod",
    event: "Normal",
    meaning: "an autoscaler divides by its CPU request, which therefore stays as declared",
  },
  MarketRedeclared: {
    about: "pod",
    event: "Normal",
    meaning: "its owner has resized it: that is what counts as declared from then on",
  },
  InvalidLabel: { about: "pod, or namespace", event: "Warning", meaning: "a label that neither opts in nor out" },
  InvalidAnnotation: { about: "pod", event: "Warning", meaning: "which annotation is ignored, and why" },
  MarketRations: { about: "pod", event: "Normal", meaning: "the node is used up: its ration, and who has the rest" },
  MarketResizeDeferred: { about: "pod", event: "Normal", meaning: "the kubelet puts it off" },
  MarketResizeInfeasible: { about: "pod", event: "Warning", meaning: "the kubelet cannot do it" },
  MarketResizeError: { about: "pod", event: "Warning", meaning: "the kubelet failed" },
  MarketResizeRefused: {
    about: "pod",
    event: "Warning",
    meaning: "what the API server says, of a resize or of the record before it",
  },
  MarketBounded: {
    about: "pod",
    event: "Normal",
    meaning: "a LimitRange or ResourceQuota of its namespace keeps it from what it needs",
  },
  ProfileUnreadable: { about: "WorkloadProfile", event: "Warning", meaning: "which field is wrong; it is ignored" },
  MarketResized: { about: "pod", event: null, meaning: "resources the API server took, and what bound them" },
} as const satisfies Verdicts;

export type MarketVerdict = keyof typeof marketVerdicts;
