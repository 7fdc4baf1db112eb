import type { Frame, FrameOf } from "../record/frames.ts";
import type { Row } from "../simulate/simulate.ts";

/** What was measured when it was recorded, beside what is played. */
export function recordedRow(frames: readonly Frame[], seconds: number): Row {
  const pods = frames.filter((frame): frame is FrameOf<"pods"> => frame.kind === "pods");
  const asked = pods.map((frame) => sum(frame.pods.map(({ managed, askedMilli }) => (managed ? askedMilli : 0))));
  return {
    policy: "as recorded",
    throttledSeconds: Number(throttledSeconds(frames, seconds).toFixed(3)),
    lostSeconds: null,
    promisedCores: pods.length === 0 ? 0 : sum(asked) / pods.length / 1000,
    rationedSeconds: Math.round(rationedSeconds(pods, seconds)),
    resizes: null,
  };
}

/** Each reading stands until the next. */
function throttledSeconds(frames: readonly Frame[], seconds: number): number {
  const uses = frames.filter((frame): frame is FrameOf<"use"> => frame.kind === "use");
  return sum(
    uses.map(({ atMs, use }, index) => {
      const forSeconds = ((uses[index + 1]?.atMs ?? seconds * 1000) - atMs) / 1000;
      return (sum(use.map(([, , throttledMilli]) => throttledMilli)) / 1000) * forSeconds;
    }),
  );
}

function rationedSeconds(frames: readonly FrameOf<"pods">[], seconds: number): number {
  return sum(
    frames.map(({ atMs, pods }, index) => {
      const forSeconds = ((frames[index + 1]?.atMs ?? seconds * 1000) - atMs) / 1000;
      return pods.filter(({ rationed }) => rationed).length * forSeconds;
    }),
  );
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
