import type { Clock } from "@walras/kit";
import type { Hello, PodRef, Report } from "@walras/proto";

import type { ClusterView } from "../cluster/view.ts";
import { AgentFeed, type Rejection } from "../ledger/feed.ts";
import type { Ledger } from "../ledger/ledger.ts";
import type { AgentHost } from "./server.ts";
import { AgentSession, type AgentStream } from "./session.ts";

/** What is told of agents. */
export interface AgentObserver {
  connected(hello: Hello, sessions: number): void;
  disconnected(node: string, sessions: number): void;
  reported(node: string, rejections: readonly Rejection[]): void;
}

export interface RegistryOptions {
  readonly view: ClusterView;
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
      hasPod: (uid) => view.podsOn(node).some((pod) => pod.uid === uid),
    });
    const session = new AgentSession(hello, stream, {
      clock,
      epoch,
      settings: () => ({ intervalMillis, allocatableMilli: view.node(node)?.allocatableMilli ?? 0 }),
      podsOf: () => podRefs(view, node),
      onReport: (report) => this.#report(node, feed, report),
    });
    this.#sessions.get(node)?.close("another agent of this node has connected");
    this.#sessions.set(node, session);
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

  /** What the machine has, where the agent knows it: a pod may burst above allocatable. */
  #capacityMilli(hello: Hello): number {
    const allocatable = this.#options.view.node(hello.nodeName)?.allocatableMilli ?? 0;
    return Math.max(allocatable, Math.min(mostBelievedCores, hello.inventory?.cpuCount ?? 0) * 1000);
  }
}

/** More cores than any machine has; an inventory beyond it is not believed. */
const mostBelievedCores = 4096;

function podRefs(view: ClusterView, node: string): PodRef[] {
  return view.podsOn(node).map((pod) => ({
    uid: pod.uid,
    configHash: pod.configHash,
    containerIds: [...pod.containers.map(({ containerId }) => containerId), ...pod.sideContainerIds].filter(
      (id) => id !== "",
    ),
  }));
}
