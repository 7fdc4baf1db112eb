// What can be seen of a pod by who looks at one object.
import type { KubeObject } from "@walras/sim/apiserver";

import { type Asked, at, type Cpu, list, milli, text } from "./effective.ts";
import type { Flight } from "./flight.ts";
import { cpuByName, uidOf } from "./owners.ts";

/** What each container has: what is desired, as far as the node enforces it. To take back the rest cuts nothing. */
export function standing(pod: KubeObject): ReadonlyMap<string, Cpu> {
  const statuses = ["containerStatuses", "initContainerStatuses"].flatMap((one) => list(at(pod, "status", one)));
  const lesser = (desired: number | null, enforced: number | null): number =>
    Math.min(desired ?? 0, enforced ?? Infinity);
  return new Map(
    [...cpuByName(pod)].map(([name, { request, limit }]) => {
      const status = statuses.find((one) => one["name"] === name);
      const enforced = {
        request: milli(at(status, "resources", "requests", "cpu")),
        limit: milli(at(status, "resources", "limits", "cpu")),
      };
      return [name, { request: lesser(request, enforced.request), limit: lesser(limit, enforced.limit) }];
    }),
  );
}

export function nodeOf(pod: KubeObject): string {
  return text(at(pod, "spec", "nodeName"));
}

export function nameOf({ metadata }: KubeObject): string {
  return `${metadata.namespace ?? ""}/${metadata.name}`;
}

/** Whose limits are ceilings: no owner's bound, not billed by them, and not the promise itself, as in a Guaranteed pod. */
export function isAmple({ metadata: { annotations = {} }, status }: KubeObject): boolean {
  if (status?.["qosClass"] === "Guaranteed") return false;
  return annotations["mbcas.io/limits"] !== "tight" && annotations["mbcas.io/max-cpu"] === undefined;
}

export function larger(one: Asked, other: Asked): Asked {
  const names = new Set([...one.keys(), ...other.keys()]);
  return new Map(
    [...names].map((name) => {
      const request = Math.max(one.get(name)?.request ?? 0, other.get(name)?.request ?? 0);
      return [name, { request, limit: null }];
    }),
  );
}

export function sameCpu(one: KubeObject, other: KubeObject): boolean {
  if (one.spec === other.spec) return true;
  return JSON.stringify([...cpuByName(one)]) === JSON.stringify([...cpuByName(other)]);
}

/** Whether the pod has just become what the resize asks for. */
export function isBy({ uid, asked }: Flight, pod: KubeObject): boolean {
  if (uid !== uidOf(pod)) return false;
  const cpu = cpuByName(pod);
  return [...asked].every(([name, { request, limit }]) => {
    const is = cpu.get(name);
    return is?.request === request && (limit === null || is?.limit === limit);
  });
}
