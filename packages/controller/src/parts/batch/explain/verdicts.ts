import { type Verdicts } from "../../../base/told/decision.ts";

/** What is told of jobs. */
export const batchVerdicts = {
  JobReleased: { about: "Job", event: "Normal", meaning: "a suspended job was released" },
  JobEvicted: { about: "pod", event: "Warning", meaning: "a job was evicted from an overloaded node" },
  JobStranded: {
    about: "Job, ScaledJob",
    event: "Warning",
    meaning: "no node takes a job, though one has room: it holds no slot any more",
  },
  SlotGranted: { about: "ScaledJob", event: null, meaning: "slots that its trigger was granted" },
} as const satisfies Verdicts;
