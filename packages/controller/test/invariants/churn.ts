import type { Clock, Rng, Timer } from "@walras/kit";
import type { KubeTransport } from "@walras/kube";
import type { SimCluster } from "@walras/sim";
import type { KubeObject } from "@walras/sim/apiserver";

import { at, isOver } from "./effective.ts";
import { bodyOf, pick, type Template } from "./pods.ts";

export interface ChurnOptions {
  readonly cluster: SimCluster;
  readonly clock: Clock;
  readonly rng: Rng;
  readonly perMinute: number;
  /** About so many pods at a time. */
  readonly pods: number;
  readonly draw: (rng: Rng) => Template;
}

/** A container that crashes does so again, as often and as far apart as this. */
const crashesMs = [0, 3_000, 9_000];

/** What owners and programs do all day: pods come, end, crash, move, and join or leave the market. */
export class Churn {
  readonly counts: Record<string, number> = {};
  readonly #options: ChurnOptions;
  readonly #transport: KubeTransport;
  readonly #templates = new Map<string, Template>();
  #number = 0;
  #timer: Timer | undefined;

  constructor(options: ChurnOptions) {
    this.#options = options;
    this.#transport = options.cluster.transport("owners");
  }

  /** Pods that are there from the beginning. */
  async fill(): Promise<void> {
    for (let made = 0; made < this.#options.pods; made += 1)
      // A quota may refuse it.
      await this.#create(this.#options.draw(this.#options.rng)).catch(() => undefined);
  }

  start(): void {
    const { clock, perMinute } = this.#options;
    if (perMinute === 0) return;
    this.#timer = clock.after(60_000 / perMinute, () => {
      this.#something();
      this.start();
    });
  }

  stop(): void {
    this.#timer?.cancel();
  }

  #something(): void {
    const { rng, cluster, draw, pods: most } = this.#options;
    const pods = [...cluster.api.store.all("pods")].filter((pod) => this.#templates.has(keyOf(pod)));
    const over = pods.find((pod) => isOver(pod));
    const live = pods.filter((pod) => at(pod, "status", "phase") === "Running" && !pod.metadata.deletionTimestamp);
    const drawn = rng();
    if (over && drawn < 0.3) return this.#did("swept", this.#delete(over));
    if (pods.length < most) return this.#did("created", this.#create(draw(rng)));
    if (live.length === 0) return;
    const pod = pick(rng, live);
    if (drawn < 0.45) this.#did("deleted", this.#delete(pod));
    else if (drawn < 0.7) this.#did("moved", this.#move(pod));
    else if (drawn < 0.85) this.#crash(pod);
    else this.#did("changed sides", this.#changeSides(pod));
  }

  async #create(made: Template): Promise<void> {
    this.#number += 1;
    const body = bodyOf(made, this.#number);
    const { namespace, name } = body["metadata"] as { readonly namespace: string; readonly name: string };
    this.#templates.set(`${namespace}/${name}`, made);
    await this.#transport.send({ method: "POST", path: `/api/v1/namespaces/${namespace}/pods`, body });
  }

  async #delete(pod: KubeObject): Promise<void> {
    this.#templates.delete(keyOf(pod));
    await this.#transport.send({ method: "DELETE", path: pathOf(pod) });
  }

  /** As a rollout does: its successor first, wherever there is room. */
  async #move(pod: KubeObject): Promise<void> {
    const made = this.#templates.get(keyOf(pod));
    if (made) await this.#create(made);
    await this.#delete(pod);
  }

  #crash({ metadata: { namespace = "", name }, spec }: KubeObject): void {
    this.#count("crashed");
    const container = String(at(pick(this.#options.rng, spec?.["containers"] as readonly unknown[]), "name"));
    for (const delayMs of crashesMs)
      this.#options.clock.after(delayMs, () =>
        this.#options.cluster.inject({ kind: "restartContainer", atSeconds: 0, namespace, pod: name, container }),
      );
  }

  async #changeSides(pod: KubeObject): Promise<void> {
    const isIn = (pod.metadata.labels?.["mbcas.io/managed"] ?? "false") === "true";
    const label = isIn || pod.metadata.namespace !== "other" ? "false" : "true";
    const body = { metadata: { labels: { "mbcas.io/managed": label } } };
    const contentType = "application/merge-patch+json";
    await this.#transport.send({ method: "PATCH", path: pathOf(pod), body, contentType });
  }

  #did(what: string, done: Promise<void>): void {
    // A quota may refuse a pod, and another may have been faster to delete one.
    done.then(
      () => this.#count(what),
      () => this.#count(`${what} in vain`),
    );
  }

  #count(what: string): void {
    this.counts[what] = (this.counts[what] ?? 0) + 1;
  }
}

function keyOf({ metadata: { namespace = "", name } }: KubeObject): string {
  return `${namespace}/${name}`;
}

function pathOf({ metadata: { namespace = "", name } }: KubeObject): string {
  return `/api/v1/namespaces/${namespace}/pods/${name}`;
}
