import { type Clock, seededRng } from "@walras/kit";
import type { KubeTransport } from "@walras/kube";
import { ApiServer, inProcessTransport } from "@walras/sim/apiserver";

import type { Teller } from "./teller.ts";

/** An embedded cluster with what the example needs of KEDA and of the controllers of Jobs: the kinds alone. */
export class ExampleCluster {
  readonly server: ApiServer;
  readonly transport: KubeTransport;

  constructor(clock: Clock) {
    this.server = new ApiServer({ clock, rng: seededRng(7) });
    this.transport = inProcessTransport(this.server, "tester");
  }

  async create(path: string, body: unknown): Promise<string> {
    const made = await this.transport.send({ method: "POST", path, body });
    return (made as { metadata: { uid: string } }).metadata.uid;
  }

  async get<Answer>(path: string): Promise<Answer> {
    return (await this.transport.send({ method: "GET", path })) as Answer;
  }

  async names(path: string): Promise<string[]> {
    const { items } = await this.get<{ items: { metadata: { name: string } }[] }>(path);
    return items.map(({ metadata }) => metadata.name);
  }
}

/** Keeps what it is told. */
export class Notes implements Teller {
  readonly done: string[] = [];
  readonly failures: string[] = [];

  did(what: string, outcome: string): void {
    this.done.push(`${what} ${outcome}`);
  }

  failed(what: string, error: unknown): void {
    this.failures.push(`${what}: ${error instanceof Error ? error.message : String(error)}`);
  }
}
