import { podAllocationResource } from "@walras/api";
import type { KubeTransport } from "@walras/kube";

import type { Answer, Check } from "./check.ts";
import { listIfServed, type Named, someOf } from "./lists.ts";

/** Whether every pod has got back what it declared, so that the controller may go. */
export function leavingCheck(transport: KubeTransport): Check {
  return { name: "given back", run: () => givenBack(transport) };
}

async function givenBack(transport: KubeTransport): Promise<Answer> {
  const left = ((await listIfServed(transport, podAllocationResource)) ?? []) as readonly Named[];
  if (left.length === 0) return { verdict: "ok", detail: "no pod has another size than it declared" };
  const names = someOf(left.map(({ metadata }) => `${metadata.namespace}/${metadata.name}`));
  const advice = "set the mode to off, and wait until there are no PodAllocations";
  return { verdict: "fail", detail: `${names} are still on the market: ${advice}` };
}
