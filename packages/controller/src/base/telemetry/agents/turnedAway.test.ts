import { createHmac } from "node:crypto";

import { credentials, Metadata, ServerCredentials, type ServiceError, status } from "@grpc/grpc-js";
import { silentLogger, VirtualClock } from "@walras/kit";
import type { KubeRequest, KubeTransport } from "@walras/kube";
import { AgentServiceClient, CgroupVersion } from "@walras/proto";
import { afterEach, describe, expect, it } from "vitest";

import { agentLimits } from "../../bounds/agentLimits.ts";
import { AgentServer } from "./server.ts";
import { aRegistry } from "./testing.ts";
import { TokenReviewAuthenticator } from "./tokenReview.ts";

const audience = "walras-controller";
const username = "system:serviceaccount:walras-system:walras-agent";
const stops: (() => unknown)[] = [];

afterEach(async () => {
  for (const stop of stops.splice(0).toReversed()) await stop();
});

interface Claims {
  readonly node?: string;
  readonly sub?: string;
  readonly aud?: string;
  /** Seconds from now. */
  readonly expiresIn?: number;
}

/** An API server as far as it signs tokens and reviews them: by signature, end, audience and binding. */
class TokenServer implements KubeTransport {
  readonly #clock: VirtualClock;

  constructor(clock: VirtualClock) {
    this.#clock = clock;
  }

  sign({ node = "node-1", sub = username, aud = audience, expiresIn = 3_600 }: Claims, key = "server"): string {
    const claims = { node, sub, aud, exp: Math.floor(this.#clock.wallMs() / 1000) + expiresIn };
    const body = `e30.${Buffer.from(JSON.stringify(claims)).toString("base64url")}`;
    return `${body}.${signature(body, key)}`;
  }

  send({ body }: KubeRequest): Promise<unknown> {
    const { token } = (body as { readonly spec: { readonly token: string } }).spec;
    return Promise.resolve({ status: this.#review(token) });
  }

  stream(): Promise<never> {
    return Promise.reject(new Error("nothing is watched"));
  }

  #review(token: string): object {
    const [header = "", payload = "", signed = ""] = token.split(".");
    if (signed !== signature(`${header}.${payload}`, "server"))
      return { authenticated: false, error: "invalid signature" };
    const { node, sub, aud, exp } = JSON.parse(Buffer.from(payload, "base64url").toString()) as Required<Claims> & {
      exp: number;
    };
    if (exp * 1000 <= this.#clock.wallMs()) return { authenticated: false, error: "service account token has expired" };
    const extra = node === "" ? {} : { "authentication.kubernetes.io/node-name": [node] };
    return { authenticated: true, audiences: [aud], user: { username: sub, extra } };
  }
}

function signature(text: string, key: string): string {
  return createHmac("sha256", key).update(text).digest("base64url");
}

async function rig() {
  const clock = new VirtualClock();
  const api = new TokenServer(clock);
  const lines: string[] = [];
  const say = (fields: object, message: string): number => lines.push(`${message} ${JSON.stringify(fields)}`);
  const logger = Object.assign(Object.create(silentLogger) as typeof silentLogger, {
    debug: say,
    info: say,
    warn: say,
    error: say,
  });
  const registry = aRegistry(clock);
  const server = new AgentServer({
    address: "127.0.0.1:0",
    credentials: ServerCredentials.createInsecure(),
    authenticator: new TokenReviewAuthenticator(api, { audience, username }, clock),
    host: registry,
    logger,
    clock,
  });
  await server.start();
  const client = new AgentServiceClient(`127.0.0.1:${server.port}`, credentials.createInsecure());
  stops.push(
    () => server.stop(),
    () => client.close(),
  );
  return { clock, api, lines, registry, client };
}

type Rig = Awaited<ReturnType<typeof rig>>;

/** Says Hello. @returns how the stream ended, once it has */
function agent({ client }: Rig, node: string, token?: string): { error: ServiceError | null } {
  const metadata = new Metadata();
  if (token !== undefined) metadata.set("authorization", `Bearer ${token}`);
  const stream = client.connect(metadata);
  const told: { error: ServiceError | null } = { error: null };
  stream.on("data", () => undefined).on("error", (error: ServiceError) => (told.error = error));
  const cgroupVersion = CgroupVersion.CGROUP_VERSION_V2;
  const value = { nodeName: node, bootId: "b", agentVersion: "1", cgroupVersion, pressureAvailable: true };
  stream.write({ message: { $case: "hello", value } });
  return told;
}

describe("an agent is turned away, told why, and named in the log", () => {
  const cases: readonly (readonly [string, string, (api: TokenServer) => string | undefined, string])[] = [
    ["without a token", "node-1", () => undefined, "no bearer token"],
    ["with an empty token", "node-1", () => "", "no bearer token"],
    [
      "with a token of another node",
      "node-1",
      (api) => api.sign({ node: "node-2" }),
      "an agent of node node-2 cannot speak for node node-1",
    ],
    [
      "that forges another node",
      "node-2",
      (api) => api.sign({}),
      "an agent of node node-1 cannot speak for node node-2",
    ],
    [
      "with a token that has expired",
      "node-1",
      (api) => api.sign({ expiresIn: -1 }),
      "service account token has expired",
    ],
    ["with a token that somebody else has signed", "node-1", (api) => api.sign({}, "mine"), "invalid signature"],
    [
      "with a token for the API server",
      "node-1",
      (api) => api.sign({ aud: "https://kubernetes" }),
      `the token is not for ${audience}`,
    ],
    [
      "with a token of another account",
      "node-1",
      (api) => api.sign({ sub: "system:serviceaccount:shop:web" }),
      `the token is not ${username}'s`,
    ],
    [
      "with a token that is bound to no node",
      "node-1",
      (api) => api.sign({ node: "" }),
      "the token is not bound to a node",
    ],
  ];

  it.each(cases)("%s", async (_, node, tokenOf, reason) => {
    const world = await rig();
    const token = tokenOf(world.api);
    const told = agent(world, node, token);
    await expect
      .poll(() => told.error)
      .toMatchObject({
        code: status.UNAUTHENTICATED,
        details: expect.stringContaining(reason) as string,
      });
    const line = world.lines.find((one) => one.includes("agent turned away")) ?? "";
    expect(line).toContain(`"node":"${node}"`);
    expect([line.includes(reason), [...world.registry.nodes()]]).toEqual([true, []]);
    if (token) expect(world.lines.join("\n")).not.toContain(token);
  });

  it("when the token that it was let in by ends, in the middle of its stream", async () => {
    const world = await rig();
    const told = agent(world, "node-1", world.api.sign({ expiresIn: 10 }));
    await expect.poll(() => [...world.registry.nodes()]).toEqual(["node-1"]);
    await world.clock.advance(11_000);
    await expect.poll(() => told.error?.details).toContain("service account token has expired");
    expect([...world.registry.nodes()]).toEqual([]);
    expect(world.lines.filter((one) => one.includes("agent turned away"))).toHaveLength(1);
  });

  it("and does not speak for a node whose agent was let in before", async () => {
    const world = await rig();
    const own = agent(world, "node-1", world.api.sign({}));
    await expect.poll(() => [...world.registry.nodes()]).toEqual(["node-1"]);
    const forger = agent(world, "node-1", world.api.sign({ node: "node-2" }));
    await expect.poll(() => forger.error?.code).toBe(status.UNAUTHENTICATED);
    await world.clock.advance(agentLimits.lingerMs);
    expect([own.error, [...world.registry.nodes()]]).toEqual([null, ["node-1"]]);
  });
});
