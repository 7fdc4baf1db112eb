import { createObject, getObject, replaceObject } from "./objects.ts";
import { resources } from "./paths.ts";
import { KubeError, type KubeTransport, type ObjectName } from "./port.ts";

/** What a Lease says. */
export interface LeaseSpec {
  readonly holderIdentity?: string;
  readonly leaseDurationSeconds?: number;
  readonly acquireTime?: string;
  readonly renewTime?: string;
  readonly leaseTransitions?: number;
}

/** A Lease as it was read; its version is the precondition of the next write. */
export interface LeaseObject {
  readonly metadata: { readonly name: string; readonly namespace: string; readonly resourceVersion?: string };
  readonly spec: LeaseSpec;
}

/** One Lease, read and written. Methods throw KubeError unless told otherwise. */
export class LeaseClient {
  readonly #transport: KubeTransport;
  readonly #lease: ObjectName;

  constructor(transport: KubeTransport, lease: ObjectName) {
    this.#transport = transport;
    this.#lease = lease;
  }

  /** @returns null where there is none */
  async read(): Promise<LeaseObject | null> {
    try {
      const lease = (await getObject(this.#transport, resources.lease, this.#lease)) as Partial<LeaseObject>;
      return { ...lease, metadata: lease.metadata ?? this.#lease, spec: lease.spec ?? {} };
    } catch (error) {
      if (error instanceof KubeError && error.status === 404) return null;
      throw error;
    }
  }

  /**
   * Writes over what was read, or makes a lease where none was.
   *
   * @returns the lease as it is now; null when it is no longer what was read
   */
  async write(read: LeaseObject | null, spec: LeaseSpec): Promise<LeaseObject | null> {
    const { name, namespace } = this.#lease;
    const { lease: resource } = resources;
    try {
      const written = read
        ? await replaceObject(this.#transport, resource, this.#lease, { ...read, spec })
        : await createObject(this.#transport, resource, namespace, { metadata: { name, namespace }, spec });
      return written as LeaseObject;
    } catch (error) {
      if (error instanceof KubeError && isChanged(error, read)) return null;
      throw error;
    }
  }
}

/** Another was faster, or what was read is gone; a 404 for a lease to be made means that its namespace is. */
function isChanged({ status }: KubeError, read: LeaseObject | null): boolean {
  return status === 409 || (status === 404 && read !== null);
}
