import { schedulersAnnotations, systemNamespaces } from "../names.ts";
import { complaintsOf } from "./annotations.ts";
import { asksPlugin, mayHaveByVariable } from "./asks.ts";
import type { IncomingPod } from "./pod.ts";
import { type Change, withVariables } from "./variables.ts";

/** Whom the webhook is for. */
export interface AdmissionPolicy {
  readonly schedulerName: string;
  /** Where the scheduler itself runs; never one that it schedules into. */
  readonly ownNamespace: string;
}

/** A pod that is about to be created. */
export interface PodRequest {
  readonly namespace: string;
  readonly pod: IncomingPod;
}

/** What becomes of it. */
export interface Admission extends Change {
  /** Why it may not be created; null: it may. */
  readonly refusal: string | null;
}

export const untouched: Admission = { refusal: null, patch: [], warnings: [] };

/** More than these are counted: the API server shows 4 KiB of warnings and no more. */
const mostSentences = 8;

/** Nothing is remembered and nothing is written: asked again of what came out, it has nothing to add. */
export function admit(request: PodRequest, policy: AdmissionPolicy): Admission {
  if (!isFor(request, policy)) return untouched;
  const { pod } = request;
  const complaints = complaintsOf(pod.metadata.annotations ?? {}, asksPlugin(pod));
  if (complaints.length > 0) return { ...untouched, refusal: few(complaints).join("; ") };
  const own = withoutOurs(pod);
  const variables = mayHaveByVariable(pod) ? withVariables(pod) : untouched;
  return {
    refusal: null,
    patch: [...own.patch, ...variables.patch],
    warnings: few([...own.warnings, ...variables.warnings]),
  };
}

function isFor({ namespace, pod }: PodRequest, { schedulerName, ownNamespace }: AdmissionPolicy): boolean {
  return (
    pod.spec.schedulerName === schedulerName && namespace !== ownNamespace && !systemNamespaces.includes(namespace)
  );
}

/** A tenant that wrote them would choose its GPUs by itself. */
function withoutOurs({ metadata }: IncomingPod): Change {
  const found = schedulersAnnotations.filter((name) => metadata.annotations?.[name] !== undefined);
  return {
    patch: found.map((name) => ({ op: "remove", path: `/metadata/annotations/${name.replaceAll("/", "~1")}` })),
    warnings: found.map((name) => `${name}: is the scheduler's to write, and was removed`),
  };
}

function few(sentences: readonly string[]): readonly string[] {
  const more = sentences.length - mostSentences;
  return more <= 0 ? sentences : [...sentences.slice(0, mostSentences), `and ${more} more`];
}
