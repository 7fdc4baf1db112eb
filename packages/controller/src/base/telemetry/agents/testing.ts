import { type ClientHttp2Session, connect } from "node:http2";

import type { Clock } from "@walras/kit";
import { AgentMessage, CgroupVersion, type Hello, type Report } from "@walras/proto";

import { aPod } from "../../cluster/testing.ts";
import { Ledger } from "../ledger/ledger.ts";
import { AgentRegistry } from "./registry.ts";

/** A leader's registry, of a cluster where pod-1 is on every node. */
export function aRegistry(clock: Clock): AgentRegistry {
  const pod = aPod({ uid: "pod-1", node: "node-1" });
  return new AgentRegistry({
    view: {
      podsOn: () => [pod],
      node: (name) => ({ uid: name, namespace: "", name, allocatableMilli: 4000, capacityMilli: 4000, ready: true }),
    },
    ledger: new Ledger(),
    clock,
    intervalMillis: 1000,
    epoch: () => 7,
    leads: () => true,
    onFresh: () => undefined,
    observer: { connected: () => undefined, disconnected: () => undefined, reported: () => undefined },
  });
}

/** A peer that speaks HTTP/2 by itself, so that it may leave unread what it is told. */
export class Peer {
  readonly #session: ClientHttp2Session;
  readonly #stream: ReturnType<ClientHttp2Session["request"]>;
  #status: number | undefined;
  #said = 0;

  /** @param window bytes it is willing to be sent */
  constructor(port: number, { token, window = 65_535 }: { readonly token: string; readonly window?: number }) {
    this.#session = connect(`http://127.0.0.1:${port}`, { settings: { initialWindowSize: window } });
    this.#session.on("error", () => undefined);
    this.#stream = this.#session.request({
      ":method": "POST",
      ":path": "/walras.agent.v1.AgentService/Connect",
      "content-type": "application/grpc",
      te: "trailers",
      authorization: `Bearer ${token}`,
    });
    this.#stream.on("error", () => undefined);
    const note = (headers: { readonly "grpc-status"?: unknown }): void => {
      if (headers["grpc-status"] !== undefined) this.#status = Number(headers["grpc-status"]);
    };
    this.#stream.on("trailers", note);
    this.#stream.on("response", note);
  }

  /** gRPC's, once the stream has ended. */
  get status(): number | undefined {
    return this.#status;
  }

  get closed(): boolean {
    return this.#session.closed;
  }

  /** Messages that it has sent. */
  get said(): number {
    return this.#said;
  }

  close(): void {
    this.#session.destroy();
  }

  read(): this {
    this.#stream.resume();
    return this;
  }

  say(message: AgentMessage["message"]): this {
    const body = AgentMessage.encode({ message }).finish();
    const frame = Buffer.alloc(5 + body.length);
    frame.writeUInt32BE(body.length, 1);
    frame.set(body, 5);
    this.#stream.write(frame);
    this.#said += 1;
    return this;
  }

  hello(changes: Partial<Hello> = {}): this {
    const cgroupVersion = CgroupVersion.CGROUP_VERSION_V2;
    const value = { nodeName: "node-1", bootId: "b", agentVersion: "1", cgroupVersion, pressureAvailable: true };
    return this.say({ $case: "hello", value: { ...value, ...changes } });
  }

  report(sequence: number, changes: Partial<Report> = {}): this {
    const lists = { introduced: [], gone: [], limits: [] };
    const value = { sequence, full: false, windowMillis: 1000, capturedUnixMillis: 0, ...lists, ...changes };
    return this.say({ $case: "report", value });
  }
}
