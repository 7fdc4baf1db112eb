import { describe, expect, it } from "vitest";

import type { ContainerNews } from "../../../../base/telemetry/ledger/ledger.ts";
import type { ContainerReading } from "../../../../base/telemetry/ledger/readings.ts";
import { ThrottledNow } from "./throttledNow.ts";

function reading(containerId: string, throttledMilli: number): ContainerReading {
  const stream = { lastMs: 0, beforeMs: 0 };
  const unknown = { throttledRatio: null, pressureRatio: null, quotaMilli: null };
  return { podUid: "p", containerId, atMs: 0, usageMilli: 0, throttledMilli, ...unknown, stream };
}

describe("who is throttled now", () => {
  it("is added up node by node as it is told", () => {
    const listeners: ((news: ContainerNews, node: string) => void)[] = [];
    const throttled = new ThrottledNow();
    throttled.follow({ onNews: (listener) => void listeners.push(listener) });
    const tell = (node: string, containers: ContainerReading[], gone: string[] = []): void =>
      listeners.forEach((listener) => listener({ containers, gone }, node));
    tell("a", [reading("1", 100), reading("2", 50)]);
    tell("b", [reading("3", 7)]);
    expect([throttled.milli("a"), throttled.milli("b"), throttled.milli("c")]).toEqual([150, 7, 0]);
    tell("a", [reading("1", 0)]);
    expect(throttled.milli("a")).toBe(50);
    tell("a", [], ["2"]);
    expect(throttled.milli("a")).toBe(0);
    throttled.retain((node) => node !== "b");
    expect(throttled.milli("b")).toBe(0);
  });
});
