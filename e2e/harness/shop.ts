import type { Prometheus } from "@walras/kit/testing";

import { serviceImage } from "../bench/kernel/serviceImage.ts";
import type { Cluster } from "./cluster.ts";
import { eventually, pause } from "./wait.ts";

const deployments = { apiVersion: "apps/v1", kind: "Deployment", plural: "deployments", namespaced: true } as const;
const services = { apiVersion: "v1", kind: "Service", plural: "services", namespaced: true } as const;
const port = 8080;

/** A pod of a shop. */
export interface ShopPod {
  readonly name: string;
  readonly address: string;
  readonly restarts: number;
}

interface RawPod {
  readonly metadata: { readonly name: string; readonly deletionTimestamp?: string };
  readonly status?: {
    readonly podIP?: string;
    readonly containerStatuses?: readonly { readonly restartCount: number; readonly ready: boolean }[];
  };
}

/** Where a shop is, and what its pods get. */
interface Place {
  readonly cluster: Cluster;
  readonly namespace: string;
  /** Which has the image. */
  readonly node: string;
  /** Of Deployment and Service. */
  readonly name: string;
  readonly cpu: string;
  readonly mostWaiting: number;
}

/** A Deployment whose requests cost CPU, behind a Service, with its pods told to a Prometheus as they come and go. */
export class Shop {
  readonly #place: Place;
  readonly #prometheus: Prometheus;
  /** Numbers of replicas that were asked for, one after the other, and no number twice in a row. */
  readonly replicas: number[] = [];
  #isOpen = true;
  #watching: Promise<void> = Promise.resolve();

  private constructor(place: Place, prometheus: Prometheus) {
    this.#place = place;
    this.#prometheus = prometheus;
  }

  /** With one replica, which is ready. */
  static async open(place: Place, prometheus: Prometheus): Promise<Shop> {
    const { cluster, namespace, name } = place;
    const shop = new Shop(place, prometheus);
    await cluster.create(deployments, namespace, deployment(place));
    const spec = { selector: { app: name }, ports: [{ port: 80, targetPort: port }] };
    await cluster.create(services, namespace, { metadata: { name }, spec });
    await cluster.kubectl("-n", namespace, "rollout", "status", `deployment/${name}`, "--timeout=90s");
    shop.#watching = shop.#watch();
    return shop;
  }

  async url(): Promise<string> {
    const { name } = this.#place;
    return `http://${await this.#kubectl("get", "service", name, "-o=jsonpath={.spec.clusterIP}")}`;
  }

  /** Those that are ready and are not ending. */
  async pods(): Promise<readonly ShopPod[]> {
    const { items } = JSON.parse(await this.#kubectl("get", "pods", "-l", `app=${this.#place.name}`, "-o=json")) as {
      readonly items: readonly RawPod[];
    };
    return items.flatMap(({ metadata, status }) => {
      const [container] = status?.containerStatuses ?? [];
      if (metadata.deletionTimestamp !== undefined || container?.ready !== true) return [];
      return [{ name: metadata.name, address: `${status?.podIP}:${port}`, restarts: container.restartCount }];
    });
  }

  /** @throws Error where its pods could not be watched */
  async close(): Promise<void> {
    this.#isOpen = false;
    await this.#watching;
  }

  /** Waits until as many replicas are asked for, and are ready. */
  async has(isRight: (replicas: number) => boolean, withinMs: number): Promise<void> {
    const settled = async (): Promise<readonly number[]> => [this.replicas.at(-1) ?? 0, (await this.pods()).length];
    const isSettled = ([asked = 0, ready = 0]: readonly number[]): boolean => isRight(asked) && ready === asked;
    await eventually("replicas asked for and ready", settled, isSettled, withinMs);
  }

  async #watch(): Promise<void> {
    while (this.#isOpen) {
      const asked = Number(await this.#kubectl("get", "deployment", this.#place.name, "-o=jsonpath={.spec.replicas}"));
      if (asked !== this.replicas.at(-1)) this.replicas.push(asked);
      await this.#prometheus.scrape((await this.pods()).map(({ address }) => address));
      await pause(500);
    }
  }

  #kubectl(...args: readonly string[]): Promise<string> {
    return this.#place.cluster.kubectl("-n", this.#place.namespace, ...args);
  }
}

function deployment({ node, name, cpu, mostWaiting }: Place): { metadata: { name: string }; spec: object } {
  const container = {
    name: "app",
    image: serviceImage.name,
    imagePullPolicy: "Never",
    env: [{ name: "MOST_WAITING", value: String(mostWaiting) }],
    resources: { requests: { cpu }, limits: { cpu } },
    readinessProbe: { httpGet: { path: "/", port }, periodSeconds: 1, timeoutSeconds: 5, failureThreshold: 10 },
  };
  return {
    metadata: { name },
    spec: {
      replicas: 1,
      selector: { matchLabels: { app: name } },
      template: {
        metadata: { labels: { app: name } },
        spec: {
          nodeSelector: { "kubernetes.io/hostname": node },
          terminationGracePeriodSeconds: 0,
          containers: [container],
        },
      },
    },
  };
}
