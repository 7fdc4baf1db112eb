import {
  annotations,
  lesserMode,
  type LimitsSetting,
  type MarketModeSetting,
  type PodPolicy,
  readPodPolicy,
} from "@walras/api";
import { errorAt, formatCpu } from "@walras/kit";

import type { PodState } from "../../../base/cluster/pod.ts";
import type { ForeignCpu } from "../../../base/cluster/resizedBy.ts";
import { type KeptRequests, keptRequests, underVertical } from "./autoscalers.ts";
import type { MarketBook } from "./book.ts";
import { beforeSizing, type CreationTerms } from "./creation.ts";
import type { Declared } from "./allocation.ts";
import { type DeclaredMemory, declaredResources } from "./declared.ts";
import { type Ineligibility, ineligibility, isResizableNow } from "./eligibility.ts";
import { redeclaration } from "./redeclared.ts";
import { type PodRule, policyFor } from "./rules.ts";
import { type ClusterView, isManaged } from "./view.ts";

/** A pod that opted in, with all that decisions about it need. */
export interface ManagedPod {
  readonly pod: PodState;
  readonly policy: PodPolicy;
  readonly complaints: readonly string[];
  readonly mode: MarketModeSetting;
  readonly limits: LimitsSetting;
  /** Why it is left alone; null where it is not. */
  readonly leftAlone: Ineligibility | null;
  readonly declared: ReadonlyMap<string, Declared>;
  /** What its owner has declared anew, where that is not on record yet. */
  readonly redeclared: string | null;
  /** Which requests stay as declared, and why; null: none must. */
  readonly kept: KeptRequests | null;
}

/** How far to go, unless a pod's owner says otherwise. */
export interface MarketSettings extends CreationTerms {
  readonly mode: MarketModeSetting;
  readonly limits: LimitsSetting;
  /** What holds for some pods in their place; the first that is about a pod. */
  readonly policies: readonly PodRule[];
}

/** What tells of a pod beside the pod itself. */
export interface PodSight {
  readonly view: ClusterView;
  readonly book: MarketBook;
  readonly declared: DeclaredMemory;
  readonly settings: MarketSettings;
  /** What the pod's node has said that forbids to resize it ever. */
  readonly barred: (podUid: string) => Ineligibility | null;
}

/** @param cpuMilli all CPU of its node */
export function managedPod(pod: PodState, sight: PodSight, cpuMilli: number): ManagedPod {
  const { view, settings } = sight;
  const { policy, complaints } = policyOf(pod, view, settings);
  const mode = modeOf(policy, settings);
  const { declared, redeclared } = declaredNow(pod, mode, sight);
  const all = [
    ...complaints.map(({ message }) => message),
    ...tooMuch(policy, pod, cpuMilli),
    ...misdeclared(pod, sight),
  ];
  return {
    pod,
    policy,
    complaints: all.length === 0 ? none : all,
    mode,
    limits: policy.limits ?? settings.limits,
    leftAlone: whyLeftAlone(pod, mode, sight),
    declared,
    redeclared,
    kept: keptRequests(pod, view.autoscalersOf(pod), mode),
  };
}

const none: readonly string[] = [];

/** An owner's annotations, over what the controller's configuration says of such pods. */
function policyOf(
  pod: PodState,
  view: Pick<ClusterView, "namespace">,
  { policies }: Pick<MarketSettings, "policies">,
): ReturnType<typeof readPodPolicy> {
  const rule = policyFor(pod, view.namespace(pod.namespace)?.labels, policies);
  return readPodPolicy(pod.annotations, rule?.policy);
}

function modeOf({ mode }: PodPolicy, settings: Pick<MarketSettings, "mode">): MarketModeSetting {
  return mode === null ? settings.mode : lesserMode(settings.mode, mode);
}

/** Whether somebody is resized in this mode. */
export function isResizing(mode: MarketModeSetting): boolean {
  return mode !== "off" && mode !== "recommend";
}

/** Whether its owner lets it be resized, at this moment. */
export function isSized(
  pod: PodState,
  view: ClusterView,
  settings: Pick<MarketSettings, "mode" | "policies">,
): boolean {
  return isManaged(pod, view) && isResizing(modeOf(policyOf(pod, view, settings).policy, settings));
}

/** On the market: it opted in, nothing forbids it, and it runs. */
export function isBidder(managed: ManagedPod): boolean {
  const { pod, mode, leftAlone } = managed;
  return mode !== "off" && leftAlone === null && isResizableNow(pod) && !isComingBack(managed);
}

/** Its mode resizes nothing any more, and it has still what an earlier one gave it. */
export function isComingBack({ pod, mode, leftAlone, declared }: ManagedPod): boolean {
  if (mode !== "recommend" || leftAlone !== null) return false;
  const isLeft = (name: string, field: ForeignCpu["field"], milli: number | null): boolean =>
    milli !== null &&
    milli !== declared.get(name)?.[field] &&
    // What somebody else has just set is not ours to take back.
    !pod.foreignCpu.some((one) => one.container === name && one.field === field);
  return pod.containers.some(
    ({ name, desired }) =>
      isLeft(name, "requestMilli", desired.requestMilli) || isLeft(name, "limitMilli", desired.limitMilli),
  );
}

/** What is on record, and over that what the owner has set since. */
export function declaredNow(
  pod: PodState,
  mode: MarketModeSetting,
  { view, book: { resizes }, declared: memory, settings }: Pick<PodSight, "view" | "book" | "declared" | "settings">,
): Pick<ManagedPod, "declared" | "redeclared"> {
  const allocation = view.allocationOf(pod);
  // What nobody has touched need not be remembered.
  const recorded = mode === "off" ? declaredResources(pod, allocation, settings) : memory.of(pod, allocation);
  const declared = resizes.over(pod.uid, recorded);
  if (declared === recorded) return { declared, redeclared: null };
  return { declared, redeclared: redeclaration(recorded, declared, resizes.managersOf(pod.uid)) };
}

function whyLeftAlone(pod: PodState, mode: MarketModeSetting, { view, barred }: PodSight): Ineligibility | null {
  const terms = { mode, runtimeHandler: view.runtimeHandler(pod.runtimeClass) };
  const known = view.node(pod.node)?.allocatableMilli ? null : nodeUnknown;
  return ineligibility(pod, terms) ?? underVertical(pod, view.autoscalersOf(pod)) ?? barred(pod.uid) ?? known;
}

const nodeUnknown: Ineligibility = { reason: "NodeUnknown", message: "how much CPU its node has is not known" };

/** What is on record is not read from the pod. */
function misdeclared(pod: PodState, { view, settings }: PodSight): readonly string[] {
  if (view.allocationOf(pod)?.podUid === pod.uid && !pod.declaresItself) return [];
  const { complaint } = beforeSizing(pod, settings);
  return complaint === null ? [] : [complaint];
}

/** A minimum that no node of this size can give is most likely a slip of the unit. */
function tooMuch({ minMilli }: PodPolicy, { annotations: values }: PodState, cpuMilli: number): readonly string[] {
  if (minMilli === null || cpuMilli === 0 || minMilli <= cpuMilli) return [];
  const problem = `is more than the node's ${formatCpu(cpuMilli)}`;
  const own = values[annotations.minCpu];
  const field = own === undefined ? "min-cpu of the controller's policies" : annotations.minCpu;
  return [errorAt(field, own ?? formatCpu(minMilli), problem).message];
}
