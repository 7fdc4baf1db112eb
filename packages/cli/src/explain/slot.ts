import type { Explanation } from "@walras/api";
import { scaledJobResource, slotLabel } from "@walras/controller/batch";
import { type KubeTransport, type ObjectName, resources } from "@walras/kube";

import { eventsOn, newestOf, type TellingEvent } from "../cluster/events.ts";
import type { Metadata, Node } from "../cluster/objects.ts";
import { listOf, named, nameOf } from "../cluster/read.ts";
import { numberOf, type Reason, sourceOf, unreadEvents } from "./parts.ts";

interface Condition {
  readonly type: string;
  readonly status: string;
  readonly reason?: string;
  readonly message?: string;
}

interface ScaledJob {
  readonly metadata: Metadata;
  readonly spec?: { readonly maxReplicaCount?: number; readonly triggers?: readonly { readonly type?: string }[] };
  readonly status?: { readonly conditions?: readonly Condition[] };
}

interface Job {
  readonly metadata: Metadata;
  readonly spec?: { readonly suspend?: boolean };
  readonly status?: { readonly active?: number; readonly ready?: number; readonly conditions?: readonly Condition[] };
}

/** The count that KEDA takes where none is given. */
const defaultMaxReplicas = 100;

export interface SlotOptions {
  readonly namespace: string;
  /** The label by which nodes take jobs: --batch-eligible of the controller. */
  readonly nodeLabel: string;
}

/** Whether a ScaledJob gets slots, from its Jobs, Events and the nodes' labels. @throws FieldError, ClusterError, KubeError */
export async function explainSlot(
  written: string,
  { namespace, nodeLabel }: SlotOptions,
  transport: KubeTransport,
): Promise<Explanation> {
  const name = nameOf(written, namespace, "scaledjob");
  const scaledJob = await named<ScaledJob>(transport, scaledJobResource, name, "scaledjob");
  const jobs = await jobsOf(transport, name);
  const nodes = await listOf<Node>(transport, resources.node);
  const events = await eventsOn(transport, "ScaledJob", scaledJob.metadata);
  const counts = countsOf(jobs, nodes, nodeLabel);
  return {
    subject: { kind: "slot", ...name },
    ...verdictOf(scaledJob, counts, newestOf(events, ["JobStranded", "KEDAScalerFailed"])),
    numbers: [
      numberOf("most jobs", scaledJob.spec?.maxReplicaCount ?? defaultMaxReplicas, "", "spec.maxReplicaCount"),
      numberOf("jobs that run", counts.running, "", "its Jobs with an active, ready pod"),
      numberOf("jobs that wait for a node", counts.waiting, "", "its Jobs with an active pod that is not ready"),
      numberOf("nodes that take jobs", counts.eligible, "", `Ready nodes labelled ${nodeLabel}, not cordoned`),
      numberOf("of these ranked free", counts.free, "", `those that carry the label ${slotLabel}`),
    ],
    unknown: [
      ...(events === null ? [unreadEvents] : []),
      "how much it asks for: its triggers' demand is not on any object; /allowed on the controller's ops port says why none may start",
    ],
    events: events ?? [],
    sources: [
      sourceOf(scaledJobResource, name, ".status.conditions"),
      ...jobs.slice(0, mostSources).map(({ metadata }) => sourceOf(resources.job, { ...name, name: metadata.name })),
    ],
  };
}

const mostSources = 10;

async function jobsOf(transport: KubeTransport, { namespace, name }: ObjectName): Promise<readonly Job[]> {
  const labelSelector = `scaledjob.keda.sh/name=${name}`;
  const jobs = await listOf<Job>(transport, resources.job, { namespace, labelSelector });
  return jobs.filter(({ status }) => !(status?.conditions ?? []).some(isEnd));
}

function isEnd({ type, status }: Condition): boolean {
  return (type === "Complete" || type === "Failed") && status === "True";
}

interface Counts {
  readonly running: number;
  readonly waiting: number;
  readonly eligible: number;
  readonly free: number;
}

function countsOf(jobs: readonly Job[], nodes: readonly Node[], nodeLabel: string): Counts {
  const active = jobs.filter(({ status }) => (status?.active ?? 0) > 0);
  const [key = "", value = "true"] = nodeLabel.split("=");
  const eligible = nodes.filter((node) => node.metadata.labels?.[key] === value && takesPods(node));
  return {
    running: active.filter(({ status }) => (status?.ready ?? 0) > 0).length,
    waiting: active.filter(({ status }) => (status?.ready ?? 0) === 0).length,
    eligible: eligible.length,
    free: eligible.filter(({ metadata }) => metadata.labels?.[slotLabel] !== undefined).length,
  };
}

function takesPods({ spec, status }: Node): boolean {
  const ready = (status?.conditions ?? []).some((one) => one.type === "Ready" && one.status === "True");
  return ready && spec?.unschedulable !== true;
}

type Verdict = Pick<Explanation, "state" | "verdict" | "since" | "reasons" | "change">;

/** All that says how it stands. */
interface Standing {
  readonly counts: Counts;
  readonly stands: string;
  /** KEDA's condition Ready where it is False. */
  readonly notReady: Condition | undefined;
  readonly external: boolean;
  readonly last: TellingEvent | undefined;
}

interface Said {
  readonly state: string;
  readonly verdict: string;
  readonly change: readonly string[];
  readonly reasons?: readonly Reason[];
}

/** The first that applies is told. */
const rules: readonly ((standing: Standing) => Said | null)[] = [
  ({ notReady, stands }) =>
    notReady
      ? {
          state: "NotReady",
          verdict: `KEDA cannot scale it; ${stands}`,
          change: ["what its condition Ready says is wrong"],
          reasons: [{ reason: notReady.reason ?? "NotReady", message: notReady.message ?? "" }],
        }
      : null,
  ({ external, stands }) =>
    external
      ? null
      : {
          state: "NotOurs",
          verdict: `none of its triggers asks an external scaler; ${stands}`,
          change: ["a trigger of type external or external-push"],
        },
  ({ last, counts, stands }) =>
    last?.reason === "JobStranded" && counts.waiting > 0
      ? {
          state: "JobStranded",
          verdict: `a job of it is taken by no node; ${stands}`,
          change: ["what the scheduler's words in the message name"],
        }
      : null,
  ({ counts, stands }) =>
    counts.eligible === 0
      ? {
          state: "NoNodes",
          verdict: `no node takes jobs; ${stands}`,
          change: ["kubectl label node NODE posture/eligible=true", "Ready nodes that are not cordoned"],
        }
      : null,
  ({ counts, stands }) =>
    counts.waiting > 0 ? { state: "Waiting", verdict: stands, change: ["a node that has room for them"] } : null,
];

function verdictOf({ spec, status }: ScaledJob, counts: Counts, last: TellingEvent | undefined): Verdict {
  const stands = `${counts.running} jobs run, ${counts.waiting} wait for a node`;
  const notReady = status?.conditions?.find(({ type, status: is }) => type === "Ready" && is === "False");
  const external = (spec?.triggers ?? []).some(({ type = "" }) => type.startsWith("external"));
  const standing = { counts, stands, notReady, external, last };
  const calm: Said = { state: counts.running > 0 ? "Running" : "Idle", verdict: stands, change: [] };
  return verdictFrom(firstOf(standing) ?? calm, last);
}

function verdictFrom({ state, verdict, change, reasons = [] }: Said, last: TellingEvent | undefined): Verdict {
  const told = last ? [...reasons, { reason: last.reason, message: last.message }] : reasons;
  return {
    state,
    verdict,
    since: state === last?.reason ? last.since : null,
    reasons: told.length > 0 ? [...told] : [{ reason: state, message: verdict }],
    change: [...change],
  };
}

function firstOf(standing: Standing): Said | null {
  for (const rule of rules) {
    const said = rule(standing);
    if (said) return said;
  }
  return null;
}
