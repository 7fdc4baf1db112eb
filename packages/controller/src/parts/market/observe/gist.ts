import { hash } from "node:crypto";

import type { PodAllocationSpec, PodAllocationStatus } from "@walras/api";
import { parseCpu } from "@walras/kit";

import { interned } from "../../../base/cluster/interned.ts";

/** What a PodAllocation says, short enough to be kept of every pod, to tell whether another says the same. */
export interface Gist {
  /** Of the whole spec. */
  readonly spec: string;
  /** Of what must be on record before a resize. */
  readonly declared: string;
  /** Of the part of the status whose change is worth a write at once. */
  readonly status: string;
  /** Prices, credit and ration: they move all the time. */
  readonly numbers: readonly number[];
}

export function gistOf(spec: PodAllocationSpec, status: PodAllocationStatus): Gist {
  return { spec: specGist(spec), declared: declaredGist(spec), status: statusGist(status), numbers: numbersOf(status) };
}

function specGist(spec: PodAllocationSpec): string {
  return digest(JSON.stringify(canonicalSpec(spec)));
}

function declaredGist({ containers = [] }: PodAllocationSpec): string {
  const declared = containers.map((one) => [one.name, one.declaredCPURequest, one.declaredCPULimit].join(" "));
  // Pods of a workload declare the same.
  return interned(digest(declared.join(", ")));
}

/** A ration's message is full of numbers. */
function statusGist(status: PodAllocationStatus): string {
  const { phase, reason, message, binding, appliedCPURequest, appliedCPULimit } = status;
  const said = reason === "Rationed" ? null : message;
  return digest(JSON.stringify([phase, reason, said, binding, appliedCPURequest, appliedCPULimit]));
}

function numbersOf(status: PodAllocationStatus): readonly number[] {
  const { shadowPriceCPU = 0, requestPriceCPU = 0, credit = 0, rationCPU } = status;
  return [shadowPriceCPU, requestPriceCPU, credit, rationCPU === undefined ? 0 : parseCpu(rationCPU, "rationCPU")];
}

/** One order of keys, so that equal specs are equal texts. */
export function canonicalSpec(spec: PodAllocationSpec): PodAllocationSpec {
  const { namespace, podName, podUID, desiredCPURequest, desiredCPULimit, containers } = spec;
  return {
    namespace,
    podName,
    podUID,
    desiredCPURequest,
    ...(desiredCPULimit === undefined ? {} : { desiredCPULimit }),
    containers: (containers ?? []).map((one) => ({
      name: one.name,
      declaredCPURequest: one.declaredCPURequest,
      ...(one.declaredCPULimit === undefined ? {} : { declaredCPULimit: one.declaredCPULimit }),
      desiredCPURequest: one.desiredCPURequest,
      ...(one.desiredCPULimit === undefined ? {} : { desiredCPULimit: one.desiredCPULimit }),
    })),
  };
}

/** Of 72 bits: two texts of one digest are one text, as far as anybody will live to see. */
function digest(text: string): string {
  return hash("sha1", text, "base64").slice(0, 12);
}

export function areSameGists(one: Gist, other: Gist): boolean {
  if (one.spec !== other.spec || one.declared !== other.declared || one.status !== other.status) return false;
  return one.numbers.every((number, index) => number === other.numbers[index]);
}
