import type { Clock } from "@walras/kit";
import type { Hello, PodRef, Report } from "@walras/proto";

import { containerIdsOf } from "../../cluster/pod.ts";
import type { NodesView } from "../../cluster/view.ts";
import { AgentFeed, type Rejection } from "../ledger/feed.ts";
import type { Ledger } from "../ledger/ledger.ts";
import type { AgentHost } from "./call.ts";
import { AgentSession, type AgentStream } from "./session.ts";

/** What is told of agents. */
export interface AgentObserver {
  connected(hello: Hello, sessions: number): void;
  disconnected(node: string, sessions: number): void;
  reported(node: string, rejections: readonly Rejection[]): void;
}

export interface RegistryOptions {
  readonly view: NodesView;
  readonly ledger: Ledger;
  readonly clock: Clock;
  readonly intervalMillis: number;
  readonly epoch: () => number;
  readonly leads: () => boolean;
  /** The ledger has news of this node. */
  readonly onFresh: (node: string) => void;
  readonly observer: AgentObserver;
}

/** Every agent's session, one a node: the newest stream of a node is the true one. */
export class AgentRegistry implements AgentHost {
  readonly #options: RegistryOptions;
  readonly #sessions = new Map<string, AgentSession>();

  constructor(options: RegistryOptions) {
    this.#options = options;
  }

  accepts(): boolean {
    return this.#options.leads();
  }

  open(hello: Hello, stream: AgentStream): AgentSession {
    const { clock, epoch, intervalMillis, view, observer } = this.#options;
    const node = hello.nodeName;
    const feed = new AgentFeed({
      capacityMilli: () => this.#capacityMilli(hello),
      pods: () => new Map(view.podsOn(node).map((pod) => [pod.uid, new Set(containerIdsOf(pod))])),
    });
    const session = new AgentSession(hello, stream, {
      clock,
      epoch,
      settings: () => ({ intervalMillis, allocatableMilli: view.node(node)?.allocatableMilli ?? 0 }),
      podsOf: () => podRefs(view, node),
      onReport: (report) => this.#report(node, feed, report),
    });
    const before = this.#sessions.get(node);
    this.#sessions.set(node, session);
    before?.close("another agent of this node has connected");
    observer.connected(hello, this.#sessions.size);
    return session;
  }

  closed(session: AgentSession): void {
    if (this.#sessions.get(session.node) !== session) return;
    this.#sessions.delete(session.node);
    this.#options.observer.disconnected(session.node, this.#sessions.size);
  }

  /** The node's pods have changed: its agent is told what to measure. */
  refresh(node: string): void {
    this.#sessions.get(node)?.refresh();
  }

  nodes(): IterableIterator<string> {
    return this.#sessions.keys();
  }

  stop(): void {
    for (const session of this.#sessions.values()) session.close("the controller stops");
  }

  #report(node: string, feed: AgentFeed, report: Report): { resync: boolean; reason: string } {
    const { ledger, clock, observer, onFresh } = this.#options;
    const result = feed.read(report, clock.monotonicMs());
    ledger.apply(node, result);
    observer.reported(node, result.rejections);
    if (result.node) onFresh(node);
    return { resync: result.resync, reason: result.rejections.map(({ detail }) => detail).join("; ") };
  }

  /** What the Node object says the machine has; what the agent says of itself only where there is none. */
  #capacityMilli(hello: Hello): number {
    const node = this.#options.view.node(hello.nodeName);
    if (node && node.capacityMilli > 0) return Math.max(node.capacityMilli, node.allocatableMilli);
    return Math.min(mostBelievedCores, hello.inventory?.cpuCount ?? 0) * 1000;
  }
}

/** More cores than any machine has; an inventory beyond it is not believed. */
const mostBelievedCores = 4096;

function podRefs(view: NodesView, node: string): PodRef[] {
  return view.podsOn(node).map((pod) => ({
    uid: pod.uid,
    configHash: pod.configHash,
    containerIds: [...containerIdsOf(pod)],
  }));
}
