import type { ContainerIntroduction, Report } from "@walras/proto";
import { describe, expect, it } from "vitest";

import { agentLimits } from "../../bounds/agentLimits.ts";
import { AgentFeed } from "./feed.ts";

function aReport(sequence: number, part: Partial<Report>): Report {
  const lists = { introduced: [], gone: [], limits: [] };
  return { sequence, full: false, windowMillis: 1000, capturedUnixMillis: 0, ...lists, ...part };
}

function samplesOf(handles: readonly number[]): Report["samples"] {
  const column = (value: number): number[] => handles.map(() => value);
  const permille = column(-1);
  const [usageMilli, throttledMilli] = [column(10), column(0)];
  return { handle: [...handles], usageMilli, throttledMilli, throttledPermille: permille, pressurePermille: permille };
}

const upTo = (count: number): number[] => Array.from({ length: count }, (_, at) => at + 1);
const madeUp = (count: number, podUid: string): ContainerIntroduction[] =>
  upTo(count).map((handle) => ({ handle, podUid, containerId: `made-up-${handle}`, runtime: "" }));

/** A node with one pod of one container; how often its pods are looked at is counted. */
function aNode() {
  let looks = 0;
  const pods = new Map([["pod-1", new Set(["c1"])]]);
  const look = (): typeof pods => {
    looks += 1;
    return pods;
  };
  return { feed: new AgentFeed({ capacityMilli: () => 4000, pods: look }), pods, looks: () => looks };
}

const count = 40_000;

describe("an agent that makes containers up", () => {
  it("is believed about a few of its pods, which the API server may tell of later", () => {
    const { feed, pods } = aNode();
    const real = { handle: count + 1, podUid: "pod-1", containerId: "c1", runtime: "" };
    const introduced = [...madeUp(count, "pod-1"), real];
    const report = aReport(1, { full: true, introduced, samples: samplesOf(upTo(count + 1)) });
    const { containers, rejections, resync } = feed.read(report, 0);
    expect(containers.length).toBe(agentLimits.newContainers + 1);
    expect(containers.map(({ containerId }) => containerId)).toContain("c1");
    expect(rejections.length).toBeLessThanOrEqual(agentLimits.rejectionsTold + 2);
    expect(resync).toBe(true);
    pods.set("pod-2", new Set(["c2"]));
    const later = { handle: 7, podUid: "pod-2", containerId: "c2", runtime: "" };
    const { containers: then } = feed.read(aReport(2, { introduced: [later], samples: samplesOf([7]) }), 1000);
    expect(then.map(({ containerId }) => containerId)).toContain("c2");
  });

  it("is answered in a few words, with the rest counted", () => {
    const { feed } = aNode();
    const { rejections } = feed.read(aReport(1, { full: true, samples: samplesOf(upTo(count)) }), 0);
    expect(rejections).toHaveLength(agentLimits.rejectionsTold + 1);
    expect(rejections.at(-1)).toEqual({
      reason: "UnknownHandle",
      detail: `${count - agentLimits.rejectionsTold} more`,
      count: count - agentLimits.rejectionsTold,
    });
    const long = { handle: 1, podUid: "x".repeat(200_000), containerId: "c", runtime: "" };
    const told = feed.read(aReport(2, { introduced: [long] }), 0).rejections;
    expect(told[0]?.detail.length).toBeLessThanOrEqual(agentLimits.reasonChars);
  });

  it("does not make the node's pods be looked at for each of them", () => {
    const { feed, looks } = aNode();
    const all = upTo(count);
    feed.read(aReport(1, { full: true, introduced: madeUp(count, "foreign"), samples: samplesOf(all) }), 0);
    feed.read(aReport(2, { gone: all.slice(0, count / 2) }), 1000);
    feed.read(aReport(3, { samples: samplesOf(all) }), 2000);
    expect(looks()).toBe(1);
  });

  it("has one handle for each container, however many it gives it", () => {
    const { feed } = aNode();
    const introduced = upTo(count).map((handle) => ({ handle, podUid: "pod-1", containerId: "c1", runtime: "" }));
    const { containers } = feed.read(aReport(1, { full: true, introduced, samples: samplesOf([count]) }), 0);
    expect(containers.map(({ containerId }) => containerId)).toEqual(["c1"]);
    expect(feed.read(aReport(2, { gone: [count] }), 1000).gone).toEqual(["c1"]);
  });
});
