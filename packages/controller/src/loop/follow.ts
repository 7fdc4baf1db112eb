import type { AgentRegistry } from "../agents/registry.ts";
import type { AllocationRecorder } from "../allocation/recorder.ts";
import type { PodState } from "../cluster/pod.ts";
import type { ClusterStores } from "../cluster/stores.ts";
import type { Ledger } from "../ledger/ledger.ts";
import type { MarketBook } from "../market/book.ts";
import type { Metrics } from "../ops/metrics.ts";
import type { ResizeLog } from "../resize/log.ts";
import type { Announcer } from "./announcer.ts";
import type { MarketLoop } from "./driver.ts";
import type { Explainer } from "./explain.ts";

/** Everything that remembers something of pods or nodes. */
export interface Followers {
  readonly stores: ClusterStores;
  readonly agents: AgentRegistry;
  readonly loop: MarketLoop;
  readonly ledger: Ledger;
  readonly book: MarketBook;
  readonly log: ResizeLog;
  readonly recorder: AllocationRecorder;
  readonly explainer: Explainer;
  readonly announcer: Announcer;
  readonly metrics: Metrics;
}

/** Tells those concerned when the cluster changes: what to measure, what to decide anew, what to forget. */
export function followCluster(followers: Followers): void {
  const { stores, agents, loop, ledger, metrics } = followers;
  stores.pods.onChange((change) => {
    metrics.storeObjects.set({ resource: "pods" }, stores.pods.size);
    const { item } = change;
    if (change.type === "updated" && change.previous.node === item.node) updated(change.previous, item, followers);
    else agents.refresh(item.node);
    if (change.type === "deleted") forget(item, followers);
  });
  stores.nodes.onChange(({ type, item }) => {
    metrics.storeObjects.set({ resource: "nodes" }, stores.nodes.size);
    if (type === "updated") return;
    if (type === "added") agents.refresh(item.name);
    if (type === "deleted") {
      ledger.forgetNode(item.name);
      loop.forget(item.name);
    }
  });
}

function updated(previous: PodState, item: PodState, { agents, loop, ledger, stores }: Followers): void {
  if (containerIds(previous) !== containerIds(item)) {
    agents.refresh(item.node);
    ledger.retain(
      item.node,
      new Set(stores.podsOn(item.node).flatMap((pod) => pod.containers.map(({ containerId }) => containerId))),
    );
  }
  if (loop.hasWaiting(item.node)) loop.request(item.node);
}

function containerIds(pod: PodState): string {
  return [...pod.containers.map(({ containerId }) => containerId), ...pod.sideContainerIds].join(" ");
}

function forget(pod: PodState, { book, log, recorder, explainer, announcer, agents }: Followers): void {
  book.forget(
    pod.uid,
    pod.containers.map(({ containerId }) => containerId),
  );
  log.forget(pod.uid);
  recorder.forget(pod.uid);
  explainer.forget(pod.uid);
  announcer.forget(pod.uid);
  agents.refresh(pod.node);
}
