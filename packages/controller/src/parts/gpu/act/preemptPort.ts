import { evictPod, type KubeTransport, objectPath, resources } from "@walras/kube";

import type { Writes } from "../../../base/access/gate.ts";
import { writePriority } from "../../../base/access/priorities.ts";
import { podKey } from "../decide/schedule/pod.ts";
import type { PreemptPort } from "./preemptor.ts";

/** Each call in its turn among the writes: nothing is asked by one who does not lead any more. */
export function preemptPort(transport: KubeTransport, writes: Pick<Writes, "perform">): PreemptPort {
  const perform = <T>(key: string, write: () => Promise<T>): Promise<T> =>
    writes.perform({ key, priority: writePriority.movePod, write });
  return {
    mayEvict: (pod) => perform(`gpu may evict ${podKey(pod)}`, () => evictPod(transport, pod, true)),
    evict: (pod) => perform(`gpu preempt ${podKey(pod)}`, () => evictPod(transport, pod)),
    nominate: ({ namespace, name, uid, ...pod }, node) =>
      perform(`gpu nominate ${podKey({ namespace, name, ...pod })}`, async () => {
        await transport.send({
          method: "PATCH",
          path: objectPath(resources.pod, { namespace, name }, "status"),
          contentType: "application/merge-patch+json",
          body: { metadata: { uid }, status: { nominatedNodeName: node === "" ? null : node } },
          unread: true,
        });
      }),
  };
}
