import { describe, expect, test } from "vitest";

import { resources } from "../paths.ts";
import { deployment, pod } from "./bodies.ts";
import { bind } from "./resize.ts";
import { deployments, eventually, failureOf, type Scratch, serviceAccounts, type Thing } from "./scratch.ts";

const tokenReviews = {
  apiVersion: "authentication.k8s.io/v1",
  kind: "TokenReview",
  plural: "tokenreviews",
  namespaced: false,
} as const;

/** Binding, eviction, scale; tokens and what they say. */
export function subresourceContract(use: () => Scratch): void {
  describe("binding and eviction", () => placement(use));
  describe("preconditions of a binding", () => preconditions(use));
  describe("scale", () => scaling(use));
  describe("tokens", () => tokens(use));
}

function placement(use: () => Scratch): void {
  test("a binding puts a pod on a node, once", async () => {
    await use().create(resources.pod, pod("bound"));
    await bind(use(), "bound", "somewhere");
    const bound = await use().get(resources.pod, "bound");
    expect(bound.spec?.["nodeName"]).toBe("somewhere");
    expect(bound.status?.["conditions"]).toContainEqual(
      expect.objectContaining({ type: "PodScheduled", status: "True" }),
    );
    const failure = await failureOf(bind(use(), "bound", "elsewhere"));
    expect([failure.status, failure.reason]).toEqual([409, "Conflict"]);
    expect(failure.message).toContain("already assigned to node");
  });

  test("an eviction as a dry run leaves the pod where it is", async () => {
    await use().create(resources.pod, pod("asked"));
    const eviction = {
      apiVersion: "policy/v1",
      kind: "Eviction",
      metadata: { name: "asked", namespace: use().namespace },
    };
    const body = { ...eviction, deleteOptions: { dryRun: ["All"] } };
    await use().post([resources.pod, "asked", "eviction"], body);
    expect((await use().get(resources.pod, "asked")).metadata.deletionTimestamp).toBeUndefined();
  });

  test("an eviction deletes a pod that no budget protects", async () => {
    await use().create(resources.pod, pod("evicted"));
    await use().post([resources.pod, "evicted", "eviction"], {
      apiVersion: "policy/v1",
      kind: "Eviction",
      metadata: { name: "evicted", namespace: use().namespace },
    });
    await eventually(async () => expect((await failureOf(use().get(resources.pod, "evicted"))).status).toBe(404));
  });
}

function preconditions(use: () => Scratch): void {
  test("a binding brings annotations, and is for the version and the pod that it names", async () => {
    const { metadata } = await use().create(resources.pod, pod("meant"));
    const to = (meant: object): Promise<Thing> =>
      use().post([resources.pod, "meant", "binding"], {
        apiVersion: "v1",
        kind: "Binding",
        metadata: { name: "meant", annotations: { given: "yes" }, ...meant },
        target: { apiVersion: "v1", kind: "Node", name: "somewhere" },
      });
    const body = { metadata: { annotations: { kept: "yes" } } };
    const { metadata: changed } = await use().patch([resources.pod, "meant"], { kind: "merge", body });
    for (const wrong of [
      { uid: "00000000-0000-4000-8000-000000000000" },
      { resourceVersion: metadata.resourceVersion },
    ])
      expect((await failureOf(to(wrong))).status).toBe(409);
    await to({ uid: metadata.uid, resourceVersion: changed.resourceVersion });
    const bound = await use().get(resources.pod, "meant");
    expect([bound.spec?.["nodeName"], bound.metadata.annotations]).toMatchObject([
      "somewhere",
      { kept: "yes", given: "yes" },
    ]);
  });

  test("a pod that is gated is bound nowhere", async () => {
    const { spec, ...rest } = pod("gated") as { readonly spec: object };
    await use().create(resources.pod, { ...rest, spec: { ...spec, schedulingGates: [{ name: "test.dev/gate" }] } });
    const failure = await failureOf(bind(use(), "gated", "somewhere"));
    expect([failure.status, failure.message]).toEqual([
      409,
      expect.stringContaining("non-empty .spec.schedulingGates"),
    ]);
  });
}

function scaling(use: () => Scratch): void {
  test("scale reads and writes the replicas of a deployment", async () => {
    await use().create(deployments, { ...deployment("scaled"), metadata: { name: "scaled" } });
    const before = await use().get(deployments, "scaled", "scale");
    expect([before.kind, before.spec]).toEqual(["Scale", {}]);
    expect(before.status?.["selector"]).toBe("app=scaled");
    await use().patch([deployments, "scaled"], {
      kind: "merge",
      subresource: "scale",
      body: { spec: { replicas: 2 } },
    });
    const after = await use().get(deployments, "scaled");
    expect([after.spec?.["replicas"], after.metadata.generation]).toEqual([2, 2]);
    await use().patch([deployments, "scaled"], { kind: "merge", body: { spec: { replicas: 0 } } });
  });

  test("a negative scale is 422", async () => {
    await use().create(deployments, deployment("negative"));
    const body = { spec: { replicas: -1 } };
    const failure = await failureOf(
      use().patch([deployments, "negative"], { kind: "merge", subresource: "scale", body }),
    );
    expect([failure.status, failure.causes[0]?.field]).toEqual([422, "spec.replicas"]);
  });
}

interface Review {
  readonly authenticated?: boolean;
  readonly error?: string;
  readonly audiences?: readonly string[];
  readonly user?: { readonly username?: string; readonly extra?: Readonly<Record<string, readonly string[]>> };
}

async function tokenFor(scratch: Scratch, spec: object): Promise<string> {
  const { status } = await scratch.post([serviceAccounts, "default", "token"], {
    apiVersion: "authentication.k8s.io/v1",
    kind: "TokenRequest",
    spec: { expirationSeconds: 600, ...spec },
  });
  return String(status?.["token"]);
}

async function review(scratch: Scratch, token: string, audience: string): Promise<Review> {
  const path = scratch.collection(tokenReviews);
  const body = { apiVersion: tokenReviews.apiVersion, kind: "TokenReview", spec: { token, audiences: [audience] } };
  return ((await scratch.transport.send({ method: "POST", path, body })) as Thing).status as Review;
}

function tokens(use: () => Scratch): void {
  test("a token speaks for its account, to its audience", async () => {
    const token = await tokenFor(use(), { audiences: ["contract.example"] });
    const answer = await review(use(), token, "contract.example");
    expect([answer.authenticated, answer.audiences]).toEqual([true, ["contract.example"]]);
    expect(answer.user?.username).toBe(`system:serviceaccount:${use().namespace}:default`);
  });

  test("another audience does not hear it", async () => {
    const answer = await review(use(), await tokenFor(use(), { audiences: ["contract.example"] }), "other.example");
    expect(answer.authenticated ?? false).toBe(false);
    expect(answer.error).toContain("invalid");
  });

  test("what is no token is not authenticated", async () => {
    const answer = await review(use(), "nonsense", "contract.example");
    expect([answer.authenticated ?? false, answer.error]).toEqual([false, expect.stringContaining("invalid")]);
  });

  test("a pod's token names the pod and its node, and dies with the pod", async () => {
    const { metadata } = await use().create(resources.pod, pod("speaker"));
    const node = await use().create(resources.node, {
      metadata: { name: `${use().namespace}-speaker` },
      spec: { unschedulable: true },
    });
    await bind(use(), "speaker", node.metadata.name);
    const boundObjectRef = { apiVersion: "v1", kind: "Pod", name: "speaker", uid: metadata.uid };
    const token = await tokenFor(use(), { audiences: ["contract.example"], boundObjectRef });
    const { user } = await review(use(), token, "contract.example");
    expect(user?.extra).toMatchObject({
      "authentication.kubernetes.io/node-name": [node.metadata.name],
      "authentication.kubernetes.io/pod-name": ["speaker"],
      "authentication.kubernetes.io/pod-uid": [metadata.uid],
    });
    await use().remove([resources.pod, "speaker"], { gracePeriodSeconds: 0 });
    await eventually(async () => {
      expect((await review(use(), token, "contract.example")).authenticated ?? false).toBe(false);
    }, 15_000);
  });
}
