import { describeError, errorAt, InputError } from "@walras/kit";
import type { V1Pod } from "@kubernetes/client-node";

import { interned } from "../../../../base/cluster/interned.ts";
import { workloadOf } from "../../../../base/cluster/workload.ts";
import {
  type Amounts,
  devicesAsked,
  noAsk,
  nothingAsked,
  pluginResource,
  type SchedPod,
} from "../../decide/schedule/pod.ts";
import { askOf, gangOf, listOf, movableOf } from "./ask.ts";
import { constraintsOf } from "./constraints.ts";
import { gpuAnnotations } from "./names.ts";
import { requestOf } from "./requests.ts";

/** A StatefulSet's and an indexed Job's controller write it. */
const indexLabels = ["apps.kubernetes.io/pod-index", "batch.kubernetes.io/job-completion-index"];
/** More GPUs than any node has, and longer names: whoever writes his own keeps to what a map's status takes. */
const mostDevices = 64;
const longestDevice = 64;
const longestTier = 32;
/** Thousands of entries; each of a workload's pods carries it. */
const longestMap = 32_768;

type Annotations = Readonly<Record<string, string>>;

/**
 * A Pod trimmed; of those of other schedulers only what they hold.
 *
 * @throws FieldError when a quantity cannot be read
 */
export function toSchedPod(raw: unknown, schedulerName: string): SchedPod {
  const pod = raw as V1Pod;
  const { metadata, spec, status } = pod;
  const ours = spec?.schedulerName === schedulerName;
  const [namespace, name] = [interned(metadata?.namespace ?? ""), metadata?.name ?? ""];
  const request = requestOf(pod, `${namespace}/${name}`);
  return {
    ...nothingAsked,
    uid: metadata?.uid ?? "",
    namespace,
    name,
    node: interned(spec?.nodeName ?? ""),
    ended: status?.phase === "Succeeded" || status?.phase === "Failed",
    terminating: metadata?.deletionTimestamp !== undefined,
    ours,
    request,
    ...(spec?.resourceClaims?.length ? claimsOf(pod) : {}),
    ...(ours ? ownOf(pod, request) : {}),
  };
}

/** Of claims that are made from a template the pod's status has the names. */
function claimsOf(pod: V1Pod): Partial<SchedPod> {
  const { spec, status } = pod;
  const made = new Map((status?.resourceClaimStatuses ?? []).map((one) => [one.name, one.resourceClaimName]));
  const claims: string[] = [];
  let claimLack: string | null = null;
  for (const { name, resourceClaimName, resourceClaimTemplateName } of spec?.resourceClaims ?? []) {
    const own = resourceClaimName ?? made.get(name);
    if (own !== undefined) claims.push(own);
    else if (!made.has(name))
      claimLack ??= `no ResourceClaim has been made from ${resourceClaimTemplateName ?? name} yet`;
  }
  return { claims, claimLack, nominated: status?.nominatedNodeName !== undefined, ...waitsOf(pod) };
}

function waitsOf({ metadata, status }: V1Pod): Pick<SchedPod, "createdAtMs" | "unscheduled"> {
  const scheduled = (status?.conditions ?? []).find(({ type }) => type === "PodScheduled");
  return {
    createdAtMs: metadata?.creationTimestamp === undefined ? 0 : new Date(metadata.creationTimestamp).getTime(),
    unscheduled: scheduled?.status === "False" ? (scheduled.message ?? "") : "",
  };
}

function ownOf(pod: V1Pod, request: Amounts): Partial<SchedPod> {
  const { metadata, spec } = pod;
  const annotations = metadata?.annotations ?? {};
  return {
    ours: true,
    ...readAsk(annotations, request, (spec?.resourceClaims ?? []).length > 0),
    constraints: constraintsOf(pod),
    gated: (spec?.schedulingGates ?? []).length > 0,
    priority: spec?.priority ?? 0,
    preempts: spec?.preemptionPolicy !== "Never",
    labels: metadata?.labels ?? {},
    ...waitsOf(pod),
    workload: workloadOf(pod),
    ordinal: ordinalOf(pod),
    devices: devicesOf(annotations),
    enforcedBy: (annotations[gpuAnnotations.enforcedBy] ?? "").slice(0, longestTier),
    version: spec?.nodeName === undefined ? (metadata?.resourceVersion ?? "") : "",
  };
}

function devicesOf(annotations: Annotations): readonly string[] {
  const named = listOf(annotations[gpuAnnotations.devices]).filter(({ length }) => length <= longestDevice);
  return named.slice(0, mostDevices);
}

/** One who cannot be read holds nothing up but himself. */
function readAsk(
  annotations: Annotations,
  request: Amounts,
  claims: boolean,
): Pick<SchedPod, "ask" | "gang" | "movable" | "mapText" | "complaint"> {
  try {
    const mapText = mapTextOf(annotations);
    const ask = askOf(annotations, request);
    const [gang, movable] = [gangOf(annotations), movableOf(annotations)];
    if (claims && devicesAsked(ask) > 0) {
      const beside = [gpuAnnotations.milli, gpuAnnotations.mig, pluginResource].join(", ");
      throw errorAt("spec.resourceClaims", "a claim", `goes with none of ${beside}`);
    }
    return { ask, gang, movable, mapText, complaint: null };
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    return { ask: noAsk, gang: null, movable: null, mapText: null, complaint: describeError(error) };
  }
}

function mapTextOf(annotations: Annotations): string | null {
  const text = annotations[gpuAnnotations.map];
  if (text !== undefined && text.length > longestMap)
    throw errorAt(
      gpuAnnotations.map,
      text.length,
      `characters are more than ${longestMap}: make it a GpuSchedulingMap`,
    );
  return text ?? null;
}

function ordinalOf({ metadata }: V1Pod): number | null {
  const labels = metadata?.labels ?? {};
  const text =
    indexLabels.flatMap((label) => labels[label] ?? []).at(0) ?? /-(\d{1,7})$/.exec(metadata?.name ?? "")?.[1];
  return text !== undefined && /^\d{1,7}$/.test(text) ? Number(text) : null;
}
