import { seededRng, silentLogger, VirtualClock } from "@walras/kit";

import { resources } from "../paths.ts";
import type { KubeRequest } from "../port.ts";
import { projection } from "../projection.ts";
import { Reflector } from "../reflector.ts";
import { Store, type StoreItem } from "../store.ts";
import { ScriptedTransport } from "../testing.ts";

interface Item extends StoreItem {
  readonly label: string;
}

export interface RawItem {
  readonly metadata: {
    readonly uid: string;
    readonly namespace: string;
    readonly name: string;
    readonly resourceVersion: string;
  };
  readonly label: string;
}

export function rawItem(name: string, version: number, label = "", uid = `uid-${name}`): RawItem {
  return { metadata: { uid, namespace: "ns", name, resourceVersion: String(version) }, label };
}

/** Says "bad" of bad objects, and leaves out those that are not wanted. */
export function transform(object: unknown): Item | undefined {
  const { metadata, label } = object as RawItem;
  if (label === "bad") throw new Error("cannot be read");
  if (label === "unwanted") return undefined;
  return { uid: metadata.uid, namespace: metadata.namespace, name: metadata.name, label };
}

export function versionOf({ query }: KubeRequest): string | undefined {
  return query?.["resourceVersion"];
}

/** A reflector of a server that answers from a list; what it told and counted is kept. */
export class ReflectorRig {
  readonly clock = new VirtualClock();
  readonly server = new ScriptedTransport();
  readonly store = new Store<Item>();
  readonly told: string[] = [];
  readonly counted: string[] = [];
  readonly reflector: Reflector;
  /** What the server holds, and at which version it lists. */
  world: RawItem[] = [];
  version = 10;

  constructor() {
    const { clock, server, store, told, counted } = this;
    server.answer = () => ({ metadata: { resourceVersion: String(this.version) }, items: this.world });
    store.onChange(({ type, item }) => told.push(`${type} ${item.name}`));
    this.reflector = new Reflector({
      transport: server,
      resource: resources.pod,
      projections: [projection(store, transform)],
      clock,
      rng: seededRng(1),
      logger: silentLogger,
      observer: {
        restarted: (_, reason) => counted.push(reason),
        unreadable: () => counted.push("unreadable"),
        diverged: (_, count) => counted.push(`diverged ${count}`),
        handlerFailed: () => counted.push("handler"),
      },
    });
  }

  async started(): Promise<void> {
    this.reflector.start();
    await this.clock.advance(0);
  }

  async tell(type: string, object: object): Promise<void> {
    this.server.lastWatch.tell(type, object);
    await this.clock.advance(0);
  }

  names(): string[] {
    return [...this.store.values()].map(({ name }) => name).toSorted();
  }
}
