import { expect, it } from "vitest";

import { gpusFixture } from "../testing/parts.ts";

import { gpuRows, gpuState, sayText } from "./gpu.ts";

const rows = gpuRows(gpusFixture());

it("each GPU has a line, and one for each of its pods", () => {
  expect(rows).toHaveLength(16);
  expect(rows.map(({ key }) => key).slice(0, 4)).toEqual([
    "gpu-1/0/train/llm-0",
    "gpu-1/1/train/llm-1",
    "gpu-1/2/train/eval-0",
    "gpu-1/3",
  ]);
});

it("the worst that is true of a GPU is said", () => {
  const stateOf = (key: string): string | undefined => {
    const row = rows.find((one) => one.key.startsWith(key));
    return row && gpuState(row.gpu);
  };
  expect(["gpu-1/0", "gpu-1/2", "gpu-1/3", "gpu-2/5", "gpu-2/7"].map(stateOf)).toEqual([
    "taken",
    "drift",
    "free",
    "foreign",
    "unhealthy",
  ]);
});

it("who does not tell is not taken for a no", () => {
  expect([true, false, null].map(sayText)).toEqual(["yes", "no", "does not tell"]);
});
