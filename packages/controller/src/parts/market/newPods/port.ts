import {
  type CreationProfileSpec,
  creationProfileName as name,
  creationProfileResource as resource,
  fieldManager,
} from "@walras/api";
import { applyObject, deleteObject, type KubeTransport, listItems } from "@walras/kube";

/** A profile as the API server has it. */
interface StoredCreation {
  readonly metadata: { readonly namespace: string; readonly name: string };
  readonly spec?: unknown;
}

/** Where they are read once and written. */
export interface CreationPort {
  stored(signal: AbortSignal): AsyncIterable<StoredCreation>;
  apply(namespace: string, spec: CreationProfileSpec): Promise<void>;
  remove(namespace: string): Promise<void>;
}

export function creationPort(transport: KubeTransport): CreationPort {
  return {
    stored: (signal) => listItems<StoredCreation>(transport, resource, { signal }),
    apply: async (namespace, spec) => {
      await applyObject(transport, { resource, name: { namespace, name } }, { spec }, { fieldManager, force: true });
    },
    remove: (namespace) => deleteObject(transport, resource, { namespace, name }),
  };
}
