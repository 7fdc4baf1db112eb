import { z } from "zod";

import { decodeApplication, readRef } from "./decode.ts";
import { type ApplicationEvent, ArgoError } from "./port.ts";

/** Of whole Applications only this: managed fields and resources are most of their size. */
export const streamFields = [
  "result.type",
  ...[
    "metadata.name",
    "metadata.namespace",
    "metadata.uid",
    "metadata.resourceVersion",
    "metadata.annotations",
    "metadata.labels",
    "metadata.deletionTimestamp",
    "spec.project",
    "spec.source.targetRevision",
    "spec.sources",
    "spec.destination",
    "spec.syncPolicy",
    "operation",
    "status.sync.status",
    "status.sync.revision",
    "status.sync.revisions",
    "status.health.status",
    "status.reconciledAt",
    "status.history",
    "status.operationState.phase",
    "status.operationState.startedAt",
    "status.operationState.finishedAt",
    "status.operationState.message",
    "status.operationState.operation",
    "status.operationState.syncResult.revision",
    "status.operationState.syncResult.revisions",
  ].map((field) => `result.application.${field}`),
].join(",");

const lineSchema = z.object({
  result: z.object({ type: z.enum(["ADDED", "MODIFIED", "DELETED"]), application: z.unknown().optional() }).optional(),
  error: z.object({ message: z.string().default("unknown") }).optional(),
});

/**
 * One line of the stream. What cannot be read is told and stops no other.
 *
 * @returns null where not even the Application's name can be read
 * @throws ArgoError where the stream itself has failed
 */
export function decodeStreamLine(
  line: string,
  defaultNamespace: string,
  onUnreadable: (error: unknown) => void,
): ApplicationEvent | null {
  try {
    const { result, error } = lineSchema.parse(JSON.parse(line));
    if (error) throw new ArgoError("unreachable", `Argo CD ended the stream: ${error.message}`, { status: 200 });
    return result ? decodeEvent(result, defaultNamespace, onUnreadable) : null;
  } catch (error) {
    if (error instanceof ArgoError) throw error;
    onUnreadable(error);
    return null;
  }
}

function decodeEvent(
  { type, application }: NonNullable<z.output<typeof lineSchema>["result"]>,
  defaultNamespace: string,
  onUnreadable: (error: unknown) => void,
): ApplicationEvent {
  const ref = readRef(application, defaultNamespace);
  if (type === "DELETED") return { type: "deleted", application: ref };
  try {
    return { type: "present", application: decodeApplication(application, defaultNamespace) };
  } catch (error) {
    onUnreadable(error);
    return { type: "unreadable", application: ref };
  }
}
