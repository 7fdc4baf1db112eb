import { VirtualClock } from "@walras/kit";
import { describe, expect, it } from "vitest";

import { Memory } from "./memory.ts";

describe("a memory", () => {
  it("keeps the newest, so many and for so long", async () => {
    const clock = new VirtualClock();
    const memory = new Memory<number>(2, 1_000, clock);
    for (const [index, key] of ["a", "b", "c"].entries()) memory.set(key, index);
    expect([memory.get("a"), memory.get("b"), memory.get("c")]).toEqual([undefined, 1, 2]);
    await clock.advance(999);
    memory.set("b", 3);
    await clock.advance(1);
    expect([memory.get("b"), memory.get("c")]).toEqual([3, undefined]);
    memory.set("d", 4);
    expect(memory.size).toBe(2);
  });
});
