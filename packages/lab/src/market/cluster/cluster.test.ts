import { describe, expect, it } from "vitest";

import { fixedSizing, podOf } from "../testing.ts";
import { NodeAutoscaler } from "./autoscaler.ts";
import { divide } from "./kernel.ts";
import { ClusterNode, reservedMilli } from "./node.ts";
import { resize } from "./resize.ts";
import { place } from "./scheduler.ts";

const minuteMs = 60_000;

function nodeOf(...requests: readonly number[]): ClusterNode {
  const node = new ClusterNode(1000, 0);
  for (const request of requests) node.run(podOf(request), 0);
  return node;
}

describe("the scheduler", () => {
  it("takes the emptiest node or the fullest that has room", () => {
    const nodes = [nodeOf(500), nodeOf(100), nodeOf(900)];
    const [spread, packed] = [podOf(200), podOf(200)];
    expect(place([spread], nodes, "least allocated", 7)).toEqual([]);
    expect(place([packed], nodes, "most allocated", 7)).toEqual([]);
    expect([spread.node, packed.node]).toEqual([nodes[1], nodes[0]]);
    expect(spread.startedMs).toBe(7);
  });

  it("leaves pending what fits nowhere, and goes on", () => {
    const [large, small] = [podOf(600), podOf(100)];
    expect(place([large, small], [nodeOf(500)], "least allocated", 0)).toEqual([large]);
    expect(small.node).not.toBeNull();
  });

  it("counts a raise that stands deferred", () => {
    const node = nodeOf(500);
    for (const pod of node.pods) pod.spec = { requestMilli: 950, limitMilli: null };
    expect(place([podOf(100)], [node], "least allocated", 0)).toHaveLength(1);
  });
});

describe("a resize", () => {
  const wanted = { requestMilli: 800, limitMilli: null };

  it("waits as a whole where the kubelet has no room, and takes it later", () => {
    const node = nodeOf(500);
    const pod = podOf(300);
    node.run(pod, 0);
    expect(resize(pod, wanted, "whole", 0)).toBe("written");
    expect([pod.admitted.requestMilli, reservedMilli(pod), node.freeMilli]).toEqual([300, 800, -300]);
    for (const other of [...node.pods].slice(0, 1)) node.remove(other, other.spec);
    expect(resize(pod, wanted, "whole", 0)).toBe("kept");
    expect(pod.admitted.requestMilli).toBe(800);
  });

  it("into room asks for what is there", () => {
    const node = nodeOf(500);
    const pod = podOf(300);
    node.run(pod, 0);
    resize(pod, wanted, "into room", 0);
    expect([pod.admitted.requestMilli, node.freeMilli]).toEqual([500, 0]);
  });

  it("by eviction leaves a pod that waits, with what it is created with", () => {
    const node = nodeOf();
    const pod = podOf(300, { sizing: fixedSizing(wanted, { requestMilli: 790, limitMilli: null }) });
    node.run(pod, 0);
    expect(resize(pod, wanted, "by eviction", 0)).toBe("evicted");
    expect([pod.node, pod.spec.requestMilli, node.pods.size]).toEqual([null, 790, 0]);
  });
});

describe("the node autoscaler", () => {
  it("adds as many nodes as the pods fill", () => {
    const pods = [300, 600, 400, 700].map((request) => podOf(request));
    const added = new NodeAutoscaler(1000).grow(pods, minuteMs);
    expect(added.map(({ freeMilli }) => freeMilli)).toEqual([0, 0]);
    expect(added.map(({ bornMs }) => bornMs)).toEqual([minuteMs, minuteMs]);
  });

  it("removes a node whose pods have fitted elsewhere for ten minutes", () => {
    const [full, small] = [nodeOf(600), nodeOf(200, 200)];
    const autoscaler = new NodeAutoscaler(1000);
    expect([0, 5, 10].map((minutes) => autoscaler.shrink([full, small], minutes * minuteMs))).toEqual([
      [],
      [],
      [small],
    ]);
  });

  it("begins anew where they did not fit meanwhile", () => {
    const [full, small] = [nodeOf(600), nodeOf(200, 200)];
    const autoscaler = new NodeAutoscaler(1000);
    autoscaler.shrink([full, small], 0);
    full.run(podOf(300), 0);
    expect(autoscaler.shrink([full, small], 10 * minuteMs)).toEqual([]);
    for (const pod of [...full.pods].slice(-1)) full.remove(pod, pod.spec);
    expect(autoscaler.shrink([full, small], 15 * minuteMs)).toEqual([]);
    expect(autoscaler.shrink([full, small], 25 * minuteMs)).toEqual([small]);
  });

  it("never counts the same room twice", () => {
    const nodes = [nodeOf(400), nodeOf(500), nodeOf(500)];
    const autoscaler = new NodeAutoscaler(1000);
    autoscaler.shrink(nodes, 0);
    expect(autoscaler.shrink(nodes, 10 * minuteMs)).toEqual([nodes[0]]);
  });

  it("leaves a node of pods that together fit nowhere", () => {
    const nodes = [nodeOf(800), nodeOf(800), nodeOf(300)];
    const autoscaler = new NodeAutoscaler(1000);
    autoscaler.shrink(nodes, 0);
    expect(autoscaler.shrink(nodes, 10 * minuteMs)).toEqual([]);
  });
});

describe("a node's CPU", () => {
  const claim = (
    weight: number,
    guaranteedMilli: number,
    wantedMilli: number,
  ): Parameters<typeof divide>[1][number] => ({
    weight,
    guaranteedMilli,
    wantedMilli,
  });

  it("is everybody's need while that fits", () => {
    expect(Array.from(divide(1000, [claim(1, 0, 400), claim(9, 0, 600)]))).toEqual([400, 600]);
  });

  it("goes by weight up to each need where it does not", () => {
    expect(Array.from(divide(1000, [claim(100, 0, 900), claim(300, 0, 900), claim(600, 0, 100)]))).toEqual([
      225, 675, 100,
    ]);
  });

  it("is given by guarantee before it is by weight", () => {
    // 500 m are left after the guarantee, of which 125 and 375 by weight.
    expect(Array.from(divide(1000, [claim(100, 500, 900), claim(300, 0, 1000)]))).toEqual([625, 375]);
  });
});
