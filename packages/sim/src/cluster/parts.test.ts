import { VirtualClock } from "@walras/kit";
import { describe, expect, it } from "vitest";

import type { KubeObject } from "../apiserver/index.ts";
import { NodeAccounts } from "./nodeAccounts.ts";
import { chooseNode } from "./scheduler.ts";
import { Ticker } from "./ticker.ts";

const gib = 2 ** 30;

function pod(uid: string, node: string, cpu: string): KubeObject {
  const containers = [{ name: "c", resources: { requests: { cpu } } }];
  return {
    apiVersion: "v1",
    kind: "Pod",
    metadata: { name: uid, uid },
    spec: { nodeName: node, containers },
    status: {},
  };
}

describe("the scheduler's choice", () => {
  const nodes = [
    { name: "small", allocatable: { cpu: 1000, memory: 4 * gib } },
    { name: "large", allocatable: { cpu: 4000, memory: 16 * gib } },
  ];

  it("is the node with the largest share left free", () => {
    const accounts = new NodeAccounts();
    expect(chooseNode(nodes, accounts, { cpu: 200, memory: 0 })?.name).toBe("large");
    accounts.set(pod("a", "large", "3500m"));
    expect(chooseNode(nodes, accounts, { cpu: 200, memory: 0 })?.name).toBe("small");
  });

  it("is none where the pod fits nowhere, and one again when pods go or are over", () => {
    const accounts = new NodeAccounts();
    accounts.set(pod("a", "large", "3500m"));
    accounts.set(pod("b", "small", "600m"));
    expect(chooseNode(nodes, accounts, { cpu: 600, memory: 0 })).toBeUndefined();
    accounts.set({ ...pod("b", "small", "600m"), status: { phase: "Succeeded" } });
    expect(chooseNode(nodes, accounts, { cpu: 600, memory: 0 })?.name).toBe("small");
    accounts.delete("a");
    expect(accounts.heldOn("large")).toEqual({ cpu: 0, memory: 0, pods: 0 });
    expect(chooseNode(nodes, accounts, { cpu: 100, memory: 17 * gib })).toBeUndefined();
  });
});

describe("a ticker", () => {
  it("makes up for what it missed, in order, and settles once", async () => {
    const clock = new VirtualClock();
    const seen: (number | string)[] = [];
    const ticker = new Ticker(clock, 100, {
      step: (atMs) => void seen.push(atMs),
      settled: () => void seen.push("settled"),
    });
    ticker.start();
    await clock.advance(200);
    expect(seen).toEqual([0, "settled", 100, "settled"]);
    ticker.stop();
    await clock.advance(1000);
    expect(ticker.elapsedMs).toBe(200);
  });

  it("skips the time in which the process stood still for long", async () => {
    let nowMs = 0;
    const alarms: (() => void)[] = [];
    const clock = {
      wallMs: () => nowMs,
      monotonicMs: () => nowMs,
      after: (_delayMs: number, run: () => void) => {
        alarms.push(run);
        return { cancel: () => {} };
      },
    };
    let steps = 0;
    const ticker = new Ticker(clock, 100, { step: () => (steps += 1), settled: () => {} });
    ticker.start();
    nowMs = 350;
    alarms.shift()?.();
    expect(steps).toBe(3);
    nowMs = 3_600_000;
    alarms.shift()?.();
    expect(steps).toBe(103);
    nowMs += 100;
    alarms.shift()?.();
    expect(steps).toBe(104);
  });
});
