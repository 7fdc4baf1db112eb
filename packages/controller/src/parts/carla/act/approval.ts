import { errorAt, type FieldError } from "@walras/kit";
import type { Resource } from "@walras/kube";

import type { ApplicationState } from "../argocd/port.ts";
import type { Approval } from "../decide/snapshot.ts";
import { revisionKey } from "./release.ts";

/** Argo CD's Application. */
export const applicationResource: Resource = {
  apiVersion: "argoproj.io/v1alpha1",
  kind: "Application",
  plural: "applications",
  namespaced: true,
};

/** Annotations on the Application by which a person consents to a high-risk release. */
const approvalAnnotations = {
  until: "carla.ops/approved-until",
  by: "carla.ops/approved-by",
  revision: "carla.ops/approved-revision",
} as const;

/** Somebody's consent, or what is wrong with it. */
export interface ReadApproval {
  readonly approval: Approval | null;
  readonly error: FieldError | null;
}

/** No approval is good for longer: what was consented to is forgotten by then. */
const longestMs = 7 * 24 * 3_600_000;

/** The approval on an Application. A wrong one counts as none. */
export function readApproval(application: ApplicationState, nowMs: number): ReadApproval {
  const { annotations, namespace, name } = application;
  const until = annotations[approvalAnnotations.until];
  if (until === undefined) return { approval: null, error: null };
  const field = `${namespace}/${name}.metadata.annotations.${approvalAnnotations.until}`;
  const untilMs = /^\d{4}-\d\d-\d\dT.*(Z|[+-]\d\d:\d\d)$/.test(until) ? Date.parse(until) : NaN;
  if (Number.isNaN(untilMs))
    return { approval: null, error: errorAt(field, until, "is not a time with a zone (RFC 3339)") };
  if (untilMs - nowMs > longestMs)
    return { approval: null, error: errorAt(field, until, "is more than seven days ahead") };
  return {
    approval: {
      by: annotations[approvalAnnotations.by] ?? "unknown",
      untilMs,
      revision: annotations[approvalAnnotations.revision] ?? null,
    },
    error: null,
  };
}

/**
 * Who consented to a release of what is pending: a person, or where the risk
 * asks for one the override. null: nobody had to, or has.
 *
 * @param override who approves everything high-risk
 */
export function consentTo(
  application: ApplicationState,
  { highRisk, override }: { readonly highRisk: boolean; readonly override: string | null },
  nowMs: number,
): string | null {
  const { approval } = readApproval(application, nowMs);
  const revision = revisionKey(application.revisions);
  const isMeant = approval !== null && (approval.revision === null || approval.revision === revision);
  if (isMeant && approval.untilMs > nowMs) return approval.by;
  return highRisk ? override : null;
}

/** The annotations of an approval, to be merged into an Application; null removes one. */
export function approvalPatch(approval: Approval | null): Readonly<Record<string, string | null>> {
  return {
    [approvalAnnotations.until]: approval === null ? null : new Date(approval.untilMs).toISOString(),
    [approvalAnnotations.by]: approval?.by ?? null,
    [approvalAnnotations.revision]: approval?.revision ?? null,
  };
}
