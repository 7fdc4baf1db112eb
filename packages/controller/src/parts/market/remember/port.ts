import { fieldManager, workloadProfileResource as resource } from "@walras/api";
import { applyObject, deleteObject, type KubeTransport, listItems } from "@walras/kube";

import type { StoredProfile } from "./keeper.ts";
import type { ProfilePort } from "./writer.ts";

/** Writes WorkloadProfiles by server-side apply. */
export function profilePort(transport: KubeTransport): ProfilePort {
  return {
    apply: async (namespace, name, spec) => {
      await applyObject(
        transport,
        { resource, name: { namespace, name } },
        { spec },
        { fieldManager, force: true, unread: true },
      );
    },
    remove: (namespace, name) => deleteObject(transport, resource, { namespace, name }),
  };
}

/** Every profile there is, a page at a time. @throws KubeError */
export function storedProfiles(transport: KubeTransport, signal: AbortSignal): AsyncIterable<StoredProfile> {
  return listItems(transport, resource, { signal });
}
