import { seededRng, VirtualClock } from "@walras/kit";
import { issueIdentity, type ServerIdentity } from "@walras/kit/certificates";
import { type KubeRequest, type KubeTransport, objectPath } from "@walras/kube";
import { ApiServer, inProcessTransport, serveKind } from "@walras/sim/apiserver";

import { secretPort } from "../../../../base/trust/kube.ts";
import { configurationResource, trustPort } from "../trust/configuration.ts";
import { webhookKeeper } from "../trust/keeper.ts";

const namespace = "gpu-scheduler-system";
export const names = {
  secret: { namespace, name: "gpu-scheduler-webhook-tls" },
  service: { namespace, name: "gpu-scheduler-webhook" },
  configuration: "gpu-scheduler-webhook",
};

export const configurationPath = objectPath(configurationResource, { namespace: "", name: names.configuration });
export const secretPath = `/api/v1/namespaces/${namespace}/secrets/${names.secret.name}`;
const collection = configurationPath.slice(0, configurationPath.lastIndexOf("/"));

/** As deploy/gpu/webhook has it, beside a webhook of somebody else in the same object. */
const configuration = {
  metadata: { name: names.configuration },
  webhooks: [
    webhook("pods.gpu-scheduler.walras.io", { namespace, name: names.service.name, path: "/mutate" }),
    webhook("other.example.com", { namespace: "shop", name: "other" }),
  ],
};

function webhook(name: string, service: object): object {
  const matchConditions = [{ name: "scheduler", expression: "true" }];
  return { name, clientConfig: { service }, matchConditions, failurePolicy: "Fail", timeoutSeconds: 5 };
}

export interface StoredConfiguration {
  readonly metadata: { readonly annotations?: Readonly<Record<string, string>>; readonly resourceVersion: string };
  readonly webhooks: readonly {
    readonly name: string;
    readonly matchConditions?: readonly object[];
    readonly clientConfig: { readonly caBundle?: string };
  }[];
}

/** An API server in memory, with the webhook's configuration in it. */
export class TestCluster {
  readonly clock: VirtualClock;
  readonly transport: KubeTransport;
  readonly told: string[] = [];
  /** Called before a request is answered; what it throws is the answer. */
  before: (request: KubeRequest) => Promise<void> | void = () => undefined;
  /** Called when it has been answered, and before the answer is known. */
  after: (request: KubeRequest) => Promise<void> | void = () => undefined;

  constructor(epochMs?: number) {
    this.clock = new VirtualClock(epochMs);
    const inner = inProcessTransport(new ApiServer({ clock: this.clock, rng: seededRng(5) }), "webhook");
    this.transport = {
      send: async (request) => {
        await this.before(request);
        const answer = await inner.send(request);
        await this.after(request);
        return answer;
      },
      stream: (request) => inner.stream(request),
    };
  }

  async begin(): Promise<void> {
    const { apiVersion, kind } = configurationResource;
    await serveKind(this.transport, { group: apiVersion.split("/")[0] ?? "", kind, scope: "Cluster" });
    await this.#create("/api/v1/namespaces", { apiVersion: "v1", kind: "Namespace", metadata: { name: namespace } });
    await this.configure();
  }

  configure(): Promise<unknown> {
    const { apiVersion, kind } = configurationResource;
    return this.#create(collection, { apiVersion, kind, ...configuration });
  }

  read<Kind>(path: string): Promise<Kind> {
    return this.transport.send({ method: "GET", path }) as Promise<Kind>;
  }

  patch(path: string, body: unknown): Promise<unknown> {
    return this.transport.send({ method: "PATCH", path, body, contentType: "application/merge-patch+json" });
  }

  remove(path: string): Promise<unknown> {
    return this.transport.send({ method: "DELETE", path });
  }

  /** The authorities that the API server is told to trust for our webhook. */
  async trusted(): Promise<readonly string[]> {
    const { webhooks } = await this.read<StoredConfiguration>(configurationPath);
    const pem = Buffer.from(webhooks[0]?.clientConfig.caBundle ?? "", "base64").toString("utf8");
    return pem.split(/(?<=-----END CERTIFICATE-----\n)/).filter((text) => text !== "");
  }

  /** One more replica, and what it serves. */
  replica(): TestReplica {
    return new TestReplica(this);
  }

  #create(path: string, body: unknown): Promise<unknown> {
    return this.transport.send({ method: "POST", path, body });
  }
}

/** A replica's keeper, and what it has served so far. */
export class TestReplica {
  readonly served: ServerIdentity[] = [];
  readonly keeper: ReturnType<typeof webhookKeeper>;

  constructor(cluster: TestCluster) {
    const perform = <Result>({ write }: { readonly write: () => Promise<Result> }): Promise<Result> => write();
    const way = { transport: cluster.transport, writes: { perform } };
    this.keeper = webhookKeeper({
      names,
      secret: secretPort(way, names.secret),
      trust: trustPort(way, names.configuration, names.service),
      issue: issueIdentity,
      serve: (identity) => this.served.push(identity),
      teller: {
        tell: ({ verdict, reason }) => cluster.told.push(`${verdict}: ${reason}`),
        tellOnce: (_, told) => (told ? cluster.told.push(`${told.verdict}: ${told.reason}`) : undefined),
      },
      clock: cluster.clock,
    });
  }

  /** What new connections see. */
  get now(): ServerIdentity | undefined {
    return this.served.at(-1);
  }
}
