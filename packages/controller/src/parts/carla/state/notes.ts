import { createObject, getObject, KubeError, type KubeTransport, replaceObject, resources } from "@walras/kube";

/** Where a note is. */
export interface NotePlace {
  readonly namespace: string;
  /** Of the Lease. */
  readonly name: string;
  /** Of the annotation. */
  readonly key: string;
}

interface LeaseObject {
  readonly metadata?: { readonly annotations?: Readonly<Record<string, string>> };
  readonly [field: string]: unknown;
}

/**
 * A text in an annotation of a Lease that nobody holds. Leases are what CARLA
 * may read and write in its own namespace anyway, so that it takes no further
 * right, and they outlive every pod.
 */
export class Note {
  readonly #transport: KubeTransport;
  readonly #place: NotePlace;

  constructor(transport: KubeTransport, place: NotePlace) {
    this.#transport = transport;
    this.#place = place;
  }

  /** null: there is none. @throws KubeError */
  async read(): Promise<string | null> {
    return (await this.#get())?.metadata?.annotations?.[this.#place.key] ?? null;
  }

  /** @param text null removes it @throws KubeError, also where somebody else has written meanwhile */
  async write(text: string | null): Promise<void> {
    const { namespace, name, key } = this.#place;
    const found = await this.#get();
    const { [key]: _, ...others } = found?.metadata?.annotations ?? {};
    const annotations = text === null ? others : { ...others, [key]: text };
    if (found) {
      const body = { ...found, metadata: { ...found.metadata, annotations } };
      await replaceObject(this.#transport, resources.lease, { namespace, name }, body);
    } else if (text !== null) {
      await createObject(this.#transport, resources.lease, namespace, { metadata: { name, annotations }, spec: {} });
    }
  }

  async #get(): Promise<LeaseObject | null> {
    const { namespace, name } = this.#place;
    try {
      return (await getObject(this.#transport, resources.lease, { namespace, name })) as LeaseObject;
    } catch (error) {
      if (error instanceof KubeError && error.status === 404) return null;
      throw error;
    }
  }
}

/** Whether the API server's answer is that this is not allowed. */
export function isForbidden(error: unknown): boolean {
  return error instanceof KubeError && error.status === 403;
}
