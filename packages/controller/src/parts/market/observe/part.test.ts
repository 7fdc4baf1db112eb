import { describe, expect, it } from "vitest";

import type { PodState } from "../../../base/cluster/pod.ts";
import { aPod } from "../../../base/cluster/testing.ts";
import { sized } from "../act/testing.ts";
import { type Observation, observeNode } from "./node.ts";
import { observePart } from "./part.ts";
import { aSight, aView } from "./testing.ts";

const pod = (uid: string, requestMilli: number, part: Partial<PodState> = {}): PodState =>
  aPod({ uid, name: uid, containers: [sized(requestMilli, 2 * requestMilli)], ...part });

const [one, two] = [pod("one", 100), pod("two", 300)];
const foreign = pod("foreign", 500, { managed: "false" });

/** Who has moved of a node on which all three were. */
function after(pods: readonly PodState[], moved: readonly string[]): Observation | null {
  const before = observeNode("node-1", aSight(aView([one, two, foreign])));
  return observePart(before, new Set(moved), aSight(aView(pods)));
}

describe("seeing those of a node who have moved", () => {
  it("sees no others, and comes to the same sums as seeing all", () => {
    const smaller = pod("two", 120);
    const part = after([one, smaller, foreign], ["two"]);
    const whole = observeNode("node-1", aSight(aView([one, smaller, foreign])));
    expect(part?.managed.map((seen) => seen.pod)).toEqual([smaller]);
    expect(part?.snapshot.pods).toEqual(whole.snapshot.pods.filter(({ uid }) => uid === "two"));
    expect([part?.freeMilli, part?.snapshot.promisedMilli]).toEqual([whole.freeMilli, whole.snapshot.promisedMilli]);
    expect(whole.freeMilli).toBe(1900 - 100 - 120 - 500);
  });

  it.each([
    ["has gone", [one, foreign], ["two"]],
    ["has come", [one, two, foreign, pod("new", 50)], ["new"]],
    ["was not on the market", [one, two, pod("foreign", 400, { managed: "false" })], ["foreign"]],
    ["has left the market", [one, { ...two, managed: "false" }, foreign], ["two"]],
    ["has ended", [one, { ...two, phase: "Succeeded" }, foreign], ["two"]],
    ["is left alone now", [one, { ...two, windows: true }, foreign], ["two"]],
  ])("is not enough where somebody %s", (_, pods, moved) => {
    expect(after(pods, moved)).toBeNull();
  });
});
