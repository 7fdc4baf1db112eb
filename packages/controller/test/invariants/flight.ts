import type { KubeRequest } from "@walras/kube";
import type { KubeObject } from "@walras/sim/apiserver";

import { type Asked, at, type Cpu, cpuOf, type Json, list } from "./effective.ts";

/** A resize on its way to the API server. */
export interface Flight {
  readonly writer: string;
  readonly namespace: string;
  readonly name: string;
  readonly uid: unknown;
  readonly asked: Asked;
  readonly sentMs: number;
  landed: boolean;
}

const resizePath = /^\/api\/v1\/namespaces\/([^/]+)\/pods\/([^/]+)\/resize$/;

/** The resize that a request is; undefined where it is something else. */
export function flightOf(writer: string, { path, body }: KubeRequest, sentMs: number): Flight | undefined {
  const [, namespace, name] = resizePath.exec(path) ?? [];
  if (namespace === undefined || name === undefined) return undefined;
  const named = ["containers", "initContainers"].flatMap((field) => list(at(body, "spec", field)));
  const asked = new Map(named.map((one) => [String(one["name"]), cpuOf(one)]));
  return { writer, namespace, name, uid: at(body, "metadata", "uid"), asked, sentMs, landed: false };
}

/** The pod as the resize would leave it. */
export function resized(pod: KubeObject, asked: Asked): KubeObject {
  const change = (container: Json): Json => {
    const cpu = asked.get(String(container["name"]));
    return cpu ? { ...container, resources: withCpu(container, cpu) } : container;
  };
  const spec: Record<string, unknown> = { ...pod.spec };
  for (const field of ["containers", "initContainers"])
    if (spec[field] !== undefined) spec[field] = list(spec[field]).map(change);
  return { ...pod, spec };
}

/** As a strategic merge: what is not named stays. */
function withCpu(container: Json, { request, limit }: Cpu): Json {
  const side = (name: "requests" | "limits", milli: number | null): Json => ({
    ...(at(container, "resources", name) as Json | undefined),
    ...(milli === null ? {} : { cpu: `${milli}m` }),
  });
  const before = at(container, "resources", "limits");
  return {
    ...(at(container, "resources") as Json | undefined),
    requests: side("requests", request),
    ...(before === undefined && limit === null ? {} : { limits: side("limits", limit) }),
  };
}
