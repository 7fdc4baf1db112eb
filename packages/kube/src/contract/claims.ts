import { describe, expect, test } from "vitest";

import { resources } from "../paths.ts";
import { eventually, failureOf, type Scratch, type Thing } from "./scratch.ts";

const finalizer = "example.com/kept";

/** A claim that nothing in the cluster can serve. */
function claim(name: string): object {
  const exactly = { deviceClassName: "contract.example.com", allocationMode: "ExactCount", count: 1 };
  return { metadata: { name }, spec: { devices: { requests: [{ name: "gpu", exactly }] } } };
}

function allocated(device: string): object {
  const results = [{ request: "gpu", driver: "contract.example.com", pool: "node", device }];
  const nodeSelector = {
    nodeSelectorTerms: [{ matchFields: [{ key: "metadata.name", operator: "In", values: ["node"] }] }],
  };
  // Without a pod for which it is reserved: the controller manager would find that gone.
  return { allocation: { devices: { results }, nodeSelector } };
}

/** How claims of dynamic resource allocation are allocated, and what keeps two writers apart. */
export function claimContract(use: () => Scratch): void {
  describe("resource claims", () => {
    statusOfClaims(use);
    orderOfClaims(use);
  });
}

function writeStatus(scratch: Scratch, { metadata }: Thing, status: object): Promise<Thing> {
  const body = { metadata: { resourceVersion: metadata.resourceVersion }, status };
  return scratch.patch([resources.resourceClaim, metadata.name], { kind: "merge", subresource: "status", body });
}

function statusOfClaims(use: () => Scratch): void {
  test("are allocated by a write of their status, for one version, and freed by another", async () => {
    const made = await use().create(resources.resourceClaim, claim("one"));
    const first = await writeStatus(use(), made, allocated("gpu-0"));
    expect(first.status).toMatchObject(allocated("gpu-0"));
    const late = await failureOf(writeStatus(use(), made, allocated("gpu-1")));
    expect([late.status, late.reason]).toEqual([409, "Conflict"]);
    const freed = await writeStatus(use(), first, { allocation: null, reservedFor: null });
    expect(freed.status ?? {}).toEqual({});
  });

  test("keep their finalizers where their status is written, and their status where those are", async () => {
    const made = await use().create(resources.resourceClaim, claim("kept"));
    const body = { metadata: { finalizers: [finalizer] }, status: allocated("x") };
    const held = await use().patch([resources.resourceClaim, "kept"], { kind: "merge", body });
    expect(held.status ?? {}).toEqual({});
    expect(held.metadata.resourceVersion).not.toBe(made.metadata.resourceVersion);
    const written = await writeStatus(use(), held, allocated("gpu-0"));
    expect(written.metadata).toMatchObject({ finalizers: [finalizer] });
    await writeStatus(use(), written, { allocation: null, reservedFor: null });
    await use().patch([resources.resourceClaim, "kept"], { kind: "merge", body: { metadata: { finalizers: null } } });
  });
}

function orderOfClaims(use: () => Scratch): void {
  test("may have one device twice: nobody compares them, and a watch tells which was first", async () => {
    const { resourceVersion } = (await use().list(resources.resourceClaim)).metadata;
    const recording = await use().watch(resources.resourceClaim, { resourceVersion });
    const first = await use().create(resources.resourceClaim, claim("first"));
    const second = await use().create(resources.resourceClaim, claim("second"));
    const written = [
      await writeStatus(use(), first, allocated("gpu-0")),
      await writeStatus(use(), second, allocated("gpu-0")),
    ];
    await eventually(() => expect(recording.events).toHaveLength(4));
    const seen = recording.events.map(({ object }) => BigInt(object.metadata.resourceVersion));
    expect(seen).toEqual(seen.toSorted((one, other) => (one < other ? -1 : 1)));
    expect(seen.slice(2)).toEqual(written.map(({ metadata }) => BigInt(metadata.resourceVersion)));
  });
}
