import { describe, expect, it } from "vitest";

import { type PodState, toPodState } from "../../../base/cluster/pod.ts";
import { aPod } from "../../../base/cluster/testing.ts";
import { sized } from "../act/testing.ts";
import { beforeSizing } from "./creation.ts";
import { observeNode } from "./node.ts";
import { aRecord, aSight, aView } from "./testing.ts";

const terms = { sizeNewPods: true, overbook: 4 };
const settings = { mode: "full", limits: "ample", policies: [], ...terms } as const;

/** A pod whose container "app" has 120m/600m now, and says that of its creation. */
function saying(text: string, part: Partial<PodState> = {}): PodState {
  const annotations = { "mbcas.io/declared": text };
  return aPod({ containers: [sized(120, 600)], annotations, ...part });
}

describe("a pod that was sized at its creation", () => {
  it("declares what its owner declared: its guarantee, and the bound on overbooking", () => {
    const pod = saying("app=400m/120m");
    const { snapshot, managed } = observeNode("node-1", aSight(aView([pod]), { settings }));
    expect(snapshot.pods[0]?.containers[0]).toMatchObject({ requestMilli: 120, declaredRequestMilli: 400 });
    expect(managed[0]?.declared.get("app")).toEqual({ requestMilli: 400, limitMilli: 600 });
    expect(managed[0]?.complaints).toEqual([]);
  });

  it("gets it back when it opts out before it is on record, and is done with it then", () => {
    const out = saying("app=400m/120m", { managed: "false" });
    const { released } = observeNode("node-1", aSight(aView([out]), { settings }));
    expect(released[0]?.declared.get("app")).toEqual({ requestMilli: 400, limitMilli: 600 });
    const back = { ...out, containers: [sized(400, 600)] };
    expect(observeNode("node-1", aSight(aView([back]), { settings })).released).toEqual([]);
  });

  it("declares what is on record, whatever it says", () => {
    const pod = saying("app=400m/120m");
    const view = aView([pod], { allocations: [aRecord(pod, "300m", "600m")] });
    expect(observeNode("node-1", aSight(view, { settings })).managed[0]?.declared.get("app")?.requestMilli).toBe(300);
  });

  it("declares what somebody has set since", () => {
    const pod = saying("app=400m/120m", { containers: [sized(200, 600)] });
    expect(beforeSizing(pod, terms).requests.size).toBe(0);
  });

  it("declares what it requests where new pods are not sized", () => {
    const pod = saying("app=400m/120m");
    expect(beforeSizing(pod, { ...terms, sizeNewPods: false })).toEqual({ requests: new Map(), complaint: null });
  });
});

describe("what a pod says of its creation is ignored, and told, where", () => {
  it.each([
    ["it cannot be read", "app=400m", /"app=400m" is not CONTAINER=DECLAREDm\/SIZEDm/],
    ["a container comes twice", "app=400m/120m,app=400m/120m", /has container app twice/],
    ["there is no such container", "web=400m/120m", /names container web, which there is not/],
    ["it is more than the limit", "app=700m/120m", /says of container app more than its limit 600m/],
    ["it is more than the bound allows", "app=500m/120m", /says of container app more than 4 times what it was given/],
    ["it was given more", "app=100m/120m", /says of container app that it was given more than it declared/],
    ["numbers are no quantities", "app=1e9m/120m", /is not CONTAINER=/],
  ])("%s", (_, text, complaint) => {
    const { requests, complaint: told } = beforeSizing(saying(text), terms);
    expect([requests.size, told]).toEqual([0, expect.stringMatching(complaint)]);
    const { managed } = observeNode("node-1", aSight(aView([saying(text)]), { settings }));
    expect(managed[0]?.declared.get("app")?.requestMilli).toBe(120);
    expect(managed[0]?.complaints).toEqual([expect.stringMatching(complaint)]);
  });

  const created = { manager: "kube-controller-manager", fieldsV1: { "f:spec": {} } };
  const brought = {
    manager: "somebody",
    fieldsV1: { "f:metadata": { "f:annotations": { "f:mbcas.io/declared": {} } } },
  };
  it.each([
    ["somebody has brought it along", [created, brought], true],
    ["whoever set it has hidden that", [], true],
    ["only of its status it is known who wrote it", [{ manager: "kubelet", subresource: "status" }], true],
    ["nowhere: admission has left it", [created], false],
  ])("%s", (_, managedFields, ignored) => {
    const metadata = { annotations: { "mbcas.io/declared": "app=400m/120m" }, managedFields };
    const resources = { requests: { cpu: "120m" } };
    const pod = toPodState({ metadata, spec: { containers: [{ name: "app", resources }] } });
    expect(beforeSizing(pod, terms).complaint).toEqual(
      ignored ? expect.stringMatching(/was not set by admission/) : null,
    );
  });
});
