import type { Explanation } from "@walras/api";
import { applicationResource, freezeNote, readFreeze } from "@walras/controller/carla";
import { describeError } from "@walras/kit";
import { KubeError, type KubeTransport, resources } from "@walras/kube";

import { whichApplication } from "../carla/whichApplication.ts";
import { eventsOn, type TellingEvent } from "../cluster/events.ts";
import type { Metadata } from "../cluster/objects.ts";
import { named } from "../cluster/read.ts";
import { holdChanges } from "./holds.ts";
import { cut, numberOf, type Reason, sourceOf, unreadEvents } from "./parts.ts";

interface Application {
  readonly metadata: Metadata;
  readonly status?: {
    readonly sync?: { readonly status?: string; readonly revision?: string; readonly revisions?: readonly string[] };
    readonly health?: { readonly status?: string };
    readonly operationState?: { readonly phase?: string; readonly message?: string };
  };
}

const approval = { until: "carla.ops/approved-until", by: "carla.ops/approved-by" } as const;

export interface AppOptions {
  readonly namespace?: string | undefined;
  /** Where CARLA runs. */
  readonly carlaNamespace: string;
}

/** Why an Application is released or held, from its Events and CARLA's freeze. @throws FieldError, ClusterError, KubeError */
export async function explainApp(
  written: string,
  { namespace, carlaNamespace }: AppOptions,
  transport: KubeTransport,
): Promise<Explanation> {
  const name = await whichApplication(transport, written, namespace);
  const app = await named<Application>(transport, applicationResource, name, "application");
  const events = await eventsOn(transport, "Application", app.metadata);
  const freeze = await freezeOf(transport, carlaNamespace);
  const last = events?.find(({ reason }) => /^(Held|Release)/.test(reason));
  return {
    subject: { kind: "app", ...name },
    ...verdictOf(app, last),
    reasons: [...(last ? [{ reason: last.reason, message: last.message }] : []), ...freeze.reasons, ...consentOf(app)],
    numbers: numbersOf(last),
    change: last ? holdChanges(last.reason, `${name.namespace}/${name.name}`) : [],
    unknown: [...(events === null ? [unreadEvents] : []), ...freeze.unknown],
    events: events ?? [],
    sources: [
      sourceOf(applicationResource, name, ".status"),
      ...(freeze.reasons.length > 0
        ? [sourceOf(resources.lease, { namespace: carlaNamespace, name: "carla-freeze" })]
        : []),
    ],
  };
}

type Verdict = Pick<Explanation, "state" | "verdict" | "since">;

function verdictOf({ status = {} }: Application, last: TellingEvent | undefined): Verdict {
  const sync = status.sync?.status ?? "Unknown";
  const health = status.health?.status ?? "Unknown";
  const stands = `${sync} and ${health}`;
  if (sync === "Synced" && last?.reason.startsWith("Held") !== false)
    return { state: "Synced", verdict: `nothing is pending: it is ${stands}`, since: null };
  if (!last) return { state: "Untold", verdict: `it is ${stands}, and CARLA has told nothing of it`, since: null };
  return { state: last.reason, verdict: cut(`it is ${stands}; ${last.message}`, 4096), since: last.since };
}

/** The Event says its score in words; it is the one number that it has. */
function numbersOf(last: TellingEvent | undefined): Explanation["numbers"] {
  const score = /\(score (-?[\d.]+)\)/.exec(last?.message ?? "")?.[1];
  return score === undefined
    ? []
    : [numberOf("score", Number(score), "", "α/(d+1) + β/max(r, 10⁻⁶) − γ·risk + δ·w and the wait, when it was told")];
}

function consentOf({ metadata: { annotations = {} } }: Application): Reason[] {
  const until = annotations[approval.until];
  if (until === undefined) return [];
  return [{ reason: "Approved", message: cut(`approved by ${annotations[approval.by] ?? "unknown"} until ${until}`) }];
}

interface Told {
  readonly reasons: readonly Reason[];
  readonly unknown: readonly string[];
}

async function freezeOf(transport: KubeTransport, namespace: string): Promise<Told> {
  try {
    const text = await freezeNote(transport, namespace).read();
    if (text === null) return { reasons: [], unknown: [] };
    const { by, untilMs, except } = readFreeze(text, namespace);
    const until = untilMs === null ? "until it is lifted" : `until ${new Date(untilMs).toISOString()}`;
    const but = except.size > 0 ? `, except ${[...except].join(", ")}` : "";
    return {
      reasons: [{ reason: "Freeze", message: cut(`releases are frozen by ${by} ${until}${but}`) }],
      unknown: [],
    };
  } catch (error) {
    if (error instanceof KubeError && error.status === 0) throw error;
    return { reasons: [], unknown: [cut(`whether releases are frozen: ${describeError(error)}`)] };
  }
}
