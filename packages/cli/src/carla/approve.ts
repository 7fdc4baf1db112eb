import { userInfo } from "node:os";

import { applicationResource, type Approval, approvalPatch } from "@walras/controller/carla";
import { type Clock, errorAt, sleep } from "@walras/kit";
import { getObject, type KubeTransport, mergePatch, type ObjectName, type Resource } from "@walras/kube";

import { whichApplication } from "./whichApplication.ts";

export interface ApproveOptions {
  /** Where the application's name does not say it. */
  readonly namespace?: string;
  readonly forMs: number;
  readonly by?: string;
  /** What may be released; what is pending now where not given. */
  readonly revision?: string;
  readonly revoke: boolean;
}

/** What has become of a consent. */
export interface Approved {
  /** For people. */
  readonly done: string;
  /** What may take it away, and what to set; null: nothing is known to. */
  readonly warning: string | null;
  /** It was there a while after it was given, or has been revoked. */
  readonly kept: boolean;
}

interface LiveApplication {
  readonly metadata?: {
    readonly annotations?: Readonly<Record<string, string>>;
    readonly ownerReferences?: readonly { readonly kind: string; readonly name: string }[];
  };
  readonly status?: {
    readonly sync?: { readonly status?: string; readonly revision?: string; readonly revisions?: string[] };
  };
}

const applicationSetResource: Resource = {
  apiVersion: "argoproj.io/v1alpha1",
  kind: "ApplicationSet",
  plural: "applicationsets",
  namespaced: true,
};

/** Whoever undoes an annotation does so when he sees it: a moment later. */
const patienceMs = 4_000;
const lookEveryMs = 500;

/**
 * Consents to the release of what is pending, until the consent expires, or
 * takes it back. The consent is an annotation: whoever may patch the
 * Application may consent, and the API server's audit log knows who did. It is
 * read back: an ApplicationSet takes away what its template does not name
 * (argo-cd#10500).
 *
 * @param app "name" or "namespace/name"
 */
export async function approve(
  app: string,
  options: ApproveOptions,
  { transport, clock }: { readonly transport: KubeTransport; readonly clock: Clock },
): Promise<Approved> {
  const name = await whichApplication(transport, app, options.namespace);
  const before = await read(transport, name);
  const approval = options.revoke ? null : consent(name, before, options, clock.wallMs());
  const patch = approvalPatch(approval);
  await mergePatch(transport, { resource: applicationResource, name }, { metadata: { annotations: patch } });
  const told = `${name.namespace}/${name.name}`;
  if (!approval) return { done: `${told}: approval revoked`, warning: null, kept: true };
  const { revision, by, untilMs } = approval;
  const done = `${told}: revision ${revision} approved by ${by} until ${new Date(untilMs).toISOString()}`;
  const kept = await isKept(patch, () => read(transport, name), clock);
  return { done, kept, warning: await warningOf(transport, name, { before, keys: Object.keys(patch), kept }) };
}

async function read(transport: KubeTransport, name: ObjectName): Promise<LiveApplication> {
  return (await getObject(transport, applicationResource, name)) as LiveApplication;
}

function consent(name: ObjectName, live: LiveApplication, options: ApproveOptions, nowMs: number): Approval {
  return {
    by: options.by ?? userInfo().username,
    untilMs: nowMs + options.forMs,
    revision: options.revision ?? pendingRevision(name, live),
  };
}

function pendingRevision(name: ObjectName, { status }: LiveApplication): string {
  const { status: sync, revision, revisions = revision === undefined ? [] : [revision] } = status?.sync ?? {};
  if (sync !== "OutOfSync" || revisions.length === 0) {
    throw errorAt(`${name.namespace}/${name.name}.status.sync.status`, sync, "has nothing pending: name the revision");
  }
  return revisions.join("+");
}

/** Looked at until it is gone, or for long enough. */
async function isKept(
  patch: Readonly<Record<string, string | null>>,
  look: () => Promise<LiveApplication>,
  clock: Clock,
): Promise<boolean> {
  const untilMs = clock.monotonicMs() + patienceMs;
  while (clock.monotonicMs() < untilMs) {
    await sleep(clock, lookEveryMs);
    const { annotations = {} } = (await look()).metadata ?? {};
    if (Object.entries(patch).some(([key, value]) => annotations[key] !== value)) return false;
  }
  return true;
}

async function warningOf(
  transport: KubeTransport,
  { namespace, name }: ObjectName,
  {
    before,
    keys,
    kept,
  }: { readonly before: LiveApplication; readonly keys: readonly string[]; readonly kept: boolean },
): Promise<string | null> {
  const owner = before.metadata?.ownerReferences?.find(({ kind }) => kind === "ApplicationSet")?.name;
  if (owner === undefined) return kept ? null : `somebody has taken the annotations of ${namespace}/${name} away`;
  if (kept && (await preserves(transport, { namespace, name: owner }, keys))) return null;
  const what = kept ? "may take" : "has taken";
  const set = `spec:\n  preservedFields:\n    annotations: [${keys.join(", ")}]`;
  return `ApplicationSet ${namespace}/${owner} ${what} the annotations away; set on it\n${set}`;
}

/** Who may not read the ApplicationSet does not know, and is warned. */
async function preserves(transport: KubeTransport, name: ObjectName, keys: readonly string[]): Promise<boolean> {
  try {
    const { spec } = (await getObject(transport, applicationSetResource, name)) as {
      readonly spec?: { readonly preservedFields?: { readonly annotations?: readonly string[] } };
    };
    return keys.every((key) => spec?.preservedFields?.annotations?.includes(key));
  } catch {
    return false;
  }
}
