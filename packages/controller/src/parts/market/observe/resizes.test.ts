import { beforeEach, describe, expect, it } from "vitest";

import type { ForeignCpu } from "../../../base/cluster/resizedBy.ts";
import type { PodState } from "../../../base/cluster/pod.ts";
import { aContainerState, aPod } from "../../../base/cluster/testing.ts";
import type { Declared } from "./allocation.ts";
import { redeclaration } from "./redeclared.ts";
import { OwnerResizes } from "./resizes.ts";

const recorded: ReadonlyMap<string, Declared> = new Map([["app", { requestMilli: 100, limitMilli: 200 }]]);
const both = ["requestMilli", "limitMilli"] as const;
let resizes: OwnerResizes;

beforeEach(() => {
  resizes = new OwnerResizes();
});

/** The pod as it is desired, and which of that somebody else has set. */
function desired(requestMilli: number, limitMilli: number, foreign: readonly ForeignCpu["field"][] = []): PodState {
  const foreignCpu = foreign.map((field) => ({ container: "app", field, manager: "kubectl-patch" }));
  return aPod({ foreignCpu, containers: [aContainerState({ desired: { requestMilli, limitMilli } })] });
}

const declared = (): Declared | undefined => resizes.over("uid-1", recorded).get("app");

describe("an owner's own resize is the new declared", () => {
  it("once the node has accepted it, and stays so when we size the pod again", () => {
    resizes.see(desired(800, 1600, both), "none yet");
    expect(declared()).toEqual({ requestMilli: 100, limitMilli: 200 });
    resizes.see(desired(800, 1600, both), "accepted");
    resizes.see(desired(50, 90), "none yet");
    resizes.see(desired(50, 90), "accepted");
    expect(declared()).toEqual({ requestMilli: 800, limitMilli: 1600 });
    expect(resizes.managersOf("uid-1")).toEqual(["kubectl-patch"]);
  });

  it("in the fields that were set, and not in those that are ours", () => {
    resizes.see(desired(20, 1600, ["limitMilli"]), "accepted");
    expect(declared()).toEqual({ requestMilli: 100, limitMilli: 1600 });
  });

  it("also where a write of ours that was on its way has hidden it before the node answered", () => {
    resizes.see(desired(800, 1600, both), "none yet");
    resizes.see(desired(50, 1600, ["limitMilli"]), "none yet");
    expect(declared()).toEqual({ requestMilli: 800, limitMilli: 200 });
    resizes.see(desired(50, 90), "none yet");
    expect(declared()).toEqual({ requestMilli: 800, limitMilli: 1600 });
  });

  it("and the next replaces it", () => {
    resizes.see(desired(800, 1600, both), "accepted");
    resizes.see(desired(50, 90), "accepted");
    resizes.see(desired(300, 600, both), "accepted");
    expect(declared()).toEqual({ requestMilli: 300, limitMilli: 600 });
  });
});

describe("it is not", () => {
  it("where the node calls it infeasible and we take it back", () => {
    resizes.see(desired(90_000, 90_000, both), "none yet");
    resizes.see(desired(90_000, 90_000, both), "infeasible");
    resizes.see(desired(100, 200), "accepted");
    expect(declared()).toEqual({ requestMilli: 100, limitMilli: 200 });
  });

  it("where all writes are ours, whenever they are seen", () => {
    for (const answer of ["none yet", "accepted", "infeasible"] as const) resizes.see(desired(50, 90), answer);
    expect(resizes.over("uid-1", recorded)).toBe(recorded);
  });

  it("remembered of a pod that is gone, nor of a container that the pod does not have", () => {
    resizes.see(desired(800, 1600, both), "accepted");
    expect([...resizes.over("uid-1", new Map()).keys()]).toEqual([]);
    resizes.forget("uid-1");
    expect(resizes.over("uid-1", recorded)).toBe(recorded);
  });
});

describe("it is told", () => {
  it("with who did it and what is declared now, while that is not on record", () => {
    const now = new Map([["app", { requestMilli: 800, limitMilli: null }]]);
    expect(redeclaration(recorded, now, ["kubectl-patch"])).toBe(
      "resized by kubectl-patch: container app has request 800m, no limit as declared from now on",
    );
    expect(redeclaration(now, now, ["kubectl-patch"])).toBeNull();
  });
});
