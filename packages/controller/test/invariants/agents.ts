import type { Clock, Rng } from "@walras/kit";
import { silentLogger } from "@walras/kit";
import { AgentConnection, type ControllerStream, type Dialer, type StreamEvents } from "@walras/node-agent";
import { type AgentMessage, CgroupVersion, type ControllerMessage } from "@walras/proto";
import type { SimCluster } from "@walras/sim";

import type { AgentSession } from "../../src/base/telemetry/agents/session.ts";
import type { ControllerProcess } from "./process.ts";

/** One way, in milliseconds. */
const networkMs = 1;

/** An agent's way to whoever leads, without sockets: messages take a moment, and none pass while it is cut. */
export class Wire implements Dialer {
  cut = false;
  readonly #clock: Clock;
  readonly #processes: () => readonly ControllerProcess[];

  constructor(clock: Clock, processes: () => readonly ControllerProcess[]) {
    this.#clock = clock;
    this.#processes = processes;
  }

  dial(events: StreamEvents): ControllerStream {
    const leader = this.#processes().find(({ host }) => host?.accepts());
    return new WireStream({ events, clock: this.#clock, process: leader, isCut: () => this.cut });
  }

  close(): void {
    this.cut = true;
  }
}

interface StreamParts {
  readonly events: StreamEvents;
  readonly clock: Clock;
  readonly process: ControllerProcess | undefined;
  readonly isCut: () => boolean;
}

class WireStream implements ControllerStream {
  readonly #parts: StreamParts;
  #session: AgentSession | undefined;
  #open = true;

  constructor(parts: StreamParts) {
    this.#parts = parts;
  }

  send(message: AgentMessage, written: () => void): void {
    const { process, clock, isCut } = this.#parts;
    // A leader that was killed, or none at all, resets the connection; one that stands still only says nothing.
    if (!process?.host) clock.after(networkMs, () => this.#ended("connection reset"));
    if (!isCut()) process?.clock.after(networkMs, () => this.#arrived(message));
    clock.after(networkMs, () => {
      if (this.#open && !isCut()) written();
    });
  }

  close(): void {
    this.#open = false;
    this.#parts.process?.clock.after(networkMs, () => this.#leave());
  }

  #arrived(message: AgentMessage): void {
    const host = this.#parts.process?.host;
    if (!host) return;
    if (this.#session) this.#session.receive(message);
    else if (message.message?.$case === "hello")
      this.#session = host.open(message.message.value, {
        send: (answer) => this.#back(answer),
        close: (reason) => {
          this.#leave();
          this.#parts.clock.after(networkMs, () => this.#ended(reason));
        },
      });
  }

  #back(answer: ControllerMessage): void {
    const { clock, events, isCut } = this.#parts;
    clock.after(networkMs, () => {
      if (this.#open && !isCut()) events.message(answer);
    });
  }

  #leave(): void {
    if (!this.#session) return;
    this.#session.ended();
    this.#parts.process?.host?.closed(this.#session);
  }

  #ended(reason: string): void {
    if (!this.#open) return;
    this.#open = false;
    this.#parts.events.closed(reason);
  }
}

/** The real agent of each simulated node. */
export function agentsOf(
  cluster: SimCluster,
  clock: Clock,
  rng: Rng,
  processes: () => readonly ControllerProcess[],
): ReadonlyMap<string, { readonly agent: AgentConnection; readonly wire: Wire }> {
  return new Map(
    cluster.nodes.map(({ facts: { name } }) => {
      const wire = new Wire(clock, processes);
      const agent = new AgentConnection({
        dialer: wire,
        sampler: cluster.samplerOf(name),
        hello: {
          nodeName: name,
          bootId: "b",
          agentVersion: "test",
          cgroupVersion: CgroupVersion.CGROUP_VERSION_V2,
          pressureAvailable: true,
        },
        intervalMs: 1_000,
        clock,
        rng,
        logger: silentLogger,
      });
      return [name, { agent, wire }];
    }),
  );
}
