import type { StoreChange } from "@walras/kube";

import { containerIdsOf, holdsResources, type PodState } from "../../../base/cluster/pod.ts";
import type { Ledger } from "../../../base/telemetry/ledger/ledger.ts";
import type { NodeRoom } from "../../../base/access/room.ts";
import type { AllocationState } from "../observe/allocation.ts";
import type { DeclaredMemory } from "../observe/declared.ts";
import type { QuotaState } from "../observe/quota.ts";
import type { ResizeLog } from "../act/log.ts";
import type { QuotaRoom } from "../act/quotaRoom.ts";
import { type Verdict, verdict } from "../act/verdict.ts";
import type { Verdicts } from "../act/verdicts.ts";
import type { Announcer } from "../explain/announcer.ts";
import type { Explainer } from "../explain/explain.ts";
import type { AllocationRecorder } from "../explain/recorder.ts";
import type { MarketBook } from "../observe/book.ts";
import type { NodeAnswer } from "../observe/resizes.ts";
import type { PodSights } from "../observe/sights.ts";
import { isToStart } from "../observe/eligibility.ts";
import type { ClusterView, MarketCluster } from "../observe/view.ts";
import type { MarketLoop } from "./driver.ts";
import type { SettledNodes } from "./settled.ts";

/** Everything that remembers something of pods or nodes. */
export interface Followers {
  readonly cluster: MarketCluster;
  readonly loop: MarketLoop;
  readonly settled: SettledNodes;
  readonly sights: PodSights;
  readonly book: MarketBook;
  readonly log: ResizeLog;
  readonly verdicts: Verdicts;
  readonly declared: DeclaredMemory;
  readonly room: NodeRoom;
  readonly quotas: QuotaRoom;
  readonly recorder: AllocationRecorder;
  readonly explainer: Explainer;
  readonly announcer: Announcer;
}

/** Deferred is a yes: the kubelet will do it when there is room. An error comes after the admission. */
const answers: Readonly<Record<Verdict["kind"], NodeAnswer>> = {
  settled: "accepted",
  deferred: "accepted",
  error: "accepted",
  infeasible: "infeasible",
  inFlight: "none yet",
};

/** Tells those concerned when the cluster changes: what to decide anew, what to forget. */
export function followCluster(followers: Followers): void {
  const { cluster, loop, settled, sights, book } = followers;
  cluster.onTermsChange(() => {
    sights.forgetAll();
    settled.wakeAll();
  });
  cluster.pods.onChange((change) => {
    const { type, item } = change;
    settled.wake(item.node, item.uid);
    if (isPlaced(change)) loop.request(item.node);
    if (type === "updated" && loop.hasWaiting(item.node)) loop.request(item.node);
    if (type === "updated") forgetEnded(change.previous, item, book);
    if (type !== "deleted") {
      book.resizes.see(item, answers[verdict(item, 0).kind]);
      return;
    }
    forget(item, followers);
    forgetNode(item.node, followers);
  });
  cluster.nodes.onChange(({ type, item }) => {
    settled.wake(item.name);
    if (type === "deleted") forgetNode(item.name, followers);
  });
  cluster.allocations.onChange(({ type, item }) => {
    followers.recorder.see(item);
    sights.forget(item.podUid);
    settled.wake(cluster.pods.get(item.podUid)?.node ?? "", item.podUid);
    if (type === "deleted") recordLost(item, followers);
  });
  cluster.quotaStore.onChange((change) => {
    if (change.type === "updated" && hasFreed(change.item, change.previous)) askAgain(change.item, followers);
  });
}

/** Whether it has just come to its node: its containers are about to start. */
function isPlaced(change: StoreChange<PodState>): boolean {
  if (!isToStart(change.item)) return false;
  return change.type === "added" || (change.type === "updated" && change.previous.node !== change.item.node);
}

/** A container that is started again has another id. */
function forgetEnded(before: PodState, now: PodState, book: Followers["book"]): void {
  const ids = containerIdsOf(now);
  const ended = containerIdsOf(before).filter((id) => !ids.includes(id));
  if (ended.length > 0) book.forgetContainers(ended);
}

/** A node whose object is gone is held for as long as pods are on it. */
function forgetNode(name: string, { cluster, loop }: Followers): void {
  if (!isThere(name, cluster)) loop.forget(name);
}

/** Whether there is such a node, or pods on it. */
export function isThere(node: string, { pods, nodes }: Pick<MarketCluster, "pods" | "nodes">): boolean {
  return nodes.named("", node) !== undefined || pods.group(node).length > 0;
}

/** Takes in what agents say of containers, as they say it. */
export function followReports(
  ledger: Pick<Ledger, "onNews">,
  { book, settled, view }: Pick<Followers, "book" | "settled"> & { readonly view: Pick<ClusterView, "podsOn"> },
): void {
  ledger.onNews(({ containers, gone }, node) => {
    for (const reading of containers) {
      book.hear(reading);
      settled.hear(node, reading.podUid);
    }
    if (gone.length === 0) return;
    const listed = new Set(view.podsOn(node).flatMap(containerIdsOf));
    for (const id of gone) if (listed.has(id)) book.silence(id);
    book.forgetContainers(gone.filter((id) => !listed.has(id)));
  });
}

/** Where its pod is still there, the next round says all of it again. */
function recordLost({ podUid }: AllocationState, { cluster, loop, recorder, explainer }: Followers): void {
  const pod = cluster.pods.get(podUid);
  if (!pod || !holdsResources(pod)) return;
  recorder.lost(pod.uid);
  explainer.again(pod.uid);
  loop.request(pod.node);
}

function hasFreed(now: QuotaState, before: QuotaState): boolean {
  const more = (field: "requestLeftMilli" | "limitLeftMilli"): boolean => (now[field] ?? 0) > (before[field] ?? 0);
  return more("requestLeftMilli") || more("limitLeftMilli");
}

function askAgain({ namespace }: QuotaState, { log, cluster }: Followers): void {
  log.mayAskAgain((uid) => cluster.pods.get(uid)?.namespace === namespace, "QuotaExceeded");
}

function forget(pod: PodState, followers: Followers): void {
  const { book, declared, log, verdicts, room, quotas, recorder, explainer, announcer, sights } = followers;
  book.forget(pod.uid, containerIdsOf(pod));
  declared.forget(pod.uid);
  sights.forget(pod.uid);
  log.forget(pod.uid);
  verdicts.forget(pod.uid);
  room.forget(pod.node, pod.uid);
  quotas.forget(pod.namespace, pod.uid);
  recorder.forget(pod.uid);
  explainer.forget(pod.uid);
  announcer.forget(pod.uid);
}
