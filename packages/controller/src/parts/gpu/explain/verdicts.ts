import { type Verdicts } from "../../../base/told/decision.ts";

/** What is told of pods and of scheduling maps. */
export const gpuVerdicts = {
  Scheduled: {
    about: "pod",
    event: "Normal",
    meaning: "it was bound, to which node and GPUs, and by what it is kept to them",
  },
  FailedScheduling: {
    about: "pod",
    event: "Warning",
    meaning: "no node takes it, and why; or what refused the binding",
  },
  Nominated: { about: "pod", event: "Normal", meaning: "room is made for it: where, and how many leave for it" },
  Preempted: { about: "pod", event: "Normal", meaning: "evicted for a pod of higher priority: which, and where" },
  PreemptionFailed: { about: "pod", event: "Warning", meaning: "why those who were to leave for it have not" },
  GpuGangBroken: {
    about: "pod",
    event: "Warning",
    meaning: "another of its gang was evicted for a pod of higher priority: which",
  },
  GpuRoomByMoves: {
    about: "pod",
    event: "Normal",
    meaning: "it would have a place if others moved: who, and where to",
  },
  GpuDefragmented: {
    about: "pod",
    event: "Normal",
    meaning: "evicted so that another has its place, since it has room elsewhere",
  },
  GpuDrift: { about: "pod", event: "Warning", meaning: "it is on other GPUs than were chosen for it" },
  GpuPodMoved: { about: "pod", event: "Normal", meaning: "evicted, since its map says another place" },
  GpuMapHeld: { about: "GpuSchedulingMap", event: "Warning", meaning: "why none of its pods is placed" },
} as const satisfies Verdicts;
