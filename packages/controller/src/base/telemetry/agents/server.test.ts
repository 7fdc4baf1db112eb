import {
  type ClientDuplexStream,
  credentials,
  Metadata,
  ServerCredentials,
  type ServiceError,
  status,
} from "@grpc/grpc-js";
import { silentLogger, systemClock } from "@walras/kit";
import { KubeError, type KubeTransport } from "@walras/kube";
import {
  type AgentMessage,
  AgentServiceClient,
  CgroupVersion,
  type ControllerMessage,
  type Report,
} from "@walras/proto";
import { afterEach, describe, expect, it } from "vitest";

import { aPod } from "../../cluster/testing.ts";
import { Ledger } from "../ledger/ledger.ts";
import { type Authenticator, trustingAuthenticator } from "./authenticator.ts";
import { AgentRegistry } from "./registry.ts";
import { AgentServer } from "./server.ts";
import { TokenReviewAuthenticator } from "./tokenReview.ts";

const pod = aPod({ uid: "pod-1", node: "node-1" });
const stops: (() => void)[] = [];

afterEach(() => {
  for (const stop of stops.splice(0)) stop();
});

interface Rig {
  readonly ledger: Ledger;
  readonly fresh: string[];
  readonly registry: AgentRegistry;
  connect(metadata?: Metadata): ClientDuplexStream<AgentMessage, ControllerMessage>;
}

async function rig(options: { leads?: boolean; authenticator?: Authenticator } = {}): Promise<Rig> {
  const ledger = new Ledger();
  const fresh: string[] = [];
  const registry = new AgentRegistry({
    view: {
      podsOn: (node) => (node === "node-1" ? [pod] : []),
      node: (name) => ({ uid: name, namespace: "", name, allocatableMilli: 4000, capacityMilli: 4000, ready: true }),
    },
    ledger,
    clock: systemClock,
    intervalMillis: 1000,
    epoch: () => 7,
    leads: () => options.leads ?? true,
    onFresh: (node) => fresh.push(node),
    observer: { connected: () => undefined, disconnected: () => undefined, reported: () => undefined },
  });
  const authenticator = options.authenticator ?? trustingAuthenticator;
  const server = new AgentServer({
    address: "127.0.0.1:0",
    credentials: ServerCredentials.createInsecure(),
    authenticator,
    host: registry,
    logger: silentLogger,
  });
  await server.start();
  const client = new AgentServiceClient(`127.0.0.1:${server.port}`, credentials.createInsecure());
  stops.push(() => {
    registry.stop();
    client.close();
    server.stop();
  });
  return { ledger, fresh, registry, connect: (metadata = new Metadata()) => client.connect(metadata) };
}

function hello(nodeName = "node-1"): AgentMessage {
  return {
    message: {
      $case: "hello",
      value: {
        nodeName,
        bootId: "b",
        agentVersion: "1",
        cgroupVersion: CgroupVersion.CGROUP_VERSION_V2,
        pressureAvailable: true,
      },
    },
  };
}

function report(sequence: number): AgentMessage {
  const introduced = [{ handle: 1, podUid: "pod-1", containerId: "c1", runtime: "containerd" }];
  const samples = {
    handle: [1],
    usageMilli: [123],
    throttledPermille: [-1],
    throttledMilli: [0],
    pressurePermille: [-1],
  };
  const value: Report = {
    sequence,
    full: true,
    windowMillis: 1000,
    capturedUnixMillis: 0,
    introduced,
    gone: [],
    limits: [],
    samples,
  };
  return { message: { $case: "report", value } };
}

function next(stream: ClientDuplexStream<AgentMessage, ControllerMessage>, kind: string): Promise<ControllerMessage> {
  return new Promise((resolve, reject) => {
    stream.on("data", (message: ControllerMessage) => {
      if (message.message?.$case === kind) resolve(message);
    });
    stream.on("error", reject);
  });
}

function failure(stream: ClientDuplexStream<AgentMessage, ControllerMessage>): Promise<ServiceError> {
  stream.on("data", () => undefined);
  return new Promise((resolve) => stream.on("error", (error) => resolve(error as ServiceError)));
}

describe("the agents' port", () => {
  it("tells an agent what to measure, with the leader's epoch, and takes its reports", async () => {
    const { connect, ledger, fresh } = await rig();
    const stream = connect();
    stream.write(hello());
    const { epoch, message } = await next(stream, "podSet");
    expect([epoch, message]).toEqual([
      7,
      { $case: "podSet", value: { pods: [{ uid: "pod-1", configHash: "", containerIds: ["c1"] }] } },
    ]);
    stream.write(report(1));
    await expect.poll(() => ledger.container("node-1", "c1")?.usageMilli).toBe(123);
    expect(fresh).toEqual(["node-1"]);
  });

  it("asks for everything when a report is missing", async () => {
    const stream = (await rig()).connect();
    stream.write(hello());
    stream.write(report(1));
    const lost = report(3);
    if (lost.message?.$case === "report") lost.message.value.full = false;
    stream.write(lost);
    const { message } = await next(stream, "resync");
    expect(message?.$case === "resync" && message.value.reason).toContain("sequence 3, expected 2");
  });

  it("sends agents on while it does not lead", async () => {
    const stream = (await rig({ leads: false })).connect();
    stream.write(hello());
    expect((await failure(stream)).code).toBe(status.UNAVAILABLE);
  });

  it("ends a stream that does not begin with a Hello", async () => {
    const stream = (await rig()).connect();
    stream.write(report(1));
    expect((await failure(stream)).code).toBe(status.INVALID_ARGUMENT);
  });

  it("lets the newest stream of a node speak", async () => {
    const { connect, registry } = await rig();
    const first = connect();
    first.write(hello());
    await next(first, "podSet");
    const ended = failure(first);
    const second = connect();
    second.write(hello());
    await next(second, "podSet");
    expect((await ended).code).toBe(status.ABORTED);
    expect([...registry.nodes()]).toEqual(["node-1"]);
  });
});

describe("an agent's token", () => {
  const username = "system:serviceaccount:walras-system:walras-agent";
  const reviewed = (answer: object): KubeTransport => ({
    send: () => Promise.resolve({ status: answer }),
    stream: () => Promise.reject(new KubeError("none", { status: 0, reason: "" })),
  });
  const good = {
    authenticated: true,
    audiences: ["walras-controller"],
    user: { username, extra: { "authentication.kubernetes.io/node-name": ["node-1"] } },
  };
  const tryWith = async (answer: object, node = "node-1"): Promise<ServiceError | "taken"> => {
    const authenticator = new TokenReviewAuthenticator(
      reviewed(answer),
      { audience: "walras-controller", username },
      systemClock,
    );
    const metadata = new Metadata();
    metadata.set("authorization", "Bearer abc");
    const stream = (await rig({ authenticator })).connect(metadata);
    stream.write(hello(node));
    return Promise.race([failure(stream), next(stream, "podSet").then(() => "taken" as const)]);
  };

  it("opens the stream of its own node", async () => {
    expect(await tryWith(good)).toBe("taken");
  });

  const refused: [string, object, string][] = [
    ["is not authenticated", { authenticated: false, error: "expired" }, "expired"],
    ["is for another audience", { ...good, audiences: ["https://kubernetes"] }, "not for walras-controller"],
    [
      "is somebody else's",
      { ...good, user: { username: "system:serviceaccount:default:x" } },
      "not system:serviceaccount",
    ],
    ["is bound to no node", { ...good, user: { username } }, "not bound to a node"],
  ];
  it.each(refused)("opens nothing when it %s", async (_, answer, told) => {
    expect(await tryWith(answer)).toMatchObject({
      code: status.UNAUTHENTICATED,
      details: expect.stringContaining(told) as string,
    });
  });

  it("does not let an agent speak for another node", async () => {
    expect(await tryWith(good, "node-2")).toMatchObject({
      code: status.UNAUTHENTICATED,
      details: "an agent of node node-1 cannot speak for node node-2",
    });
  });
});
