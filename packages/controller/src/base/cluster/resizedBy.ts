import { fieldManager } from "@walras/api";
import type { V1ManagedFieldsEntry } from "@kubernetes/client-node";

/** A container's CPU request or limit that somebody else has set by a resize, and nobody has changed since. */
export interface ForeignCpu {
  readonly container: string;
  readonly field: "requestMilli" | "limitMilli";
  /** As whom it was written: kubectl-patch, or the name of a controller. */
  readonly manager: string;
}

const none: readonly ForeignCpu[] = [];

/** Read from who manages which field: a value that we overwrite is ours from then on. */
export function foreignCpuOf(entries: readonly V1ManagedFieldsEntry[] | undefined): readonly ForeignCpu[] {
  const others = entries?.filter(({ subresource, manager }) => subresource === "resize" && manager !== fieldManager);
  if (!others?.length) return none;
  return others.flatMap(({ manager = "somebody", fieldsV1 }) =>
    lists.flatMap((list) =>
      Object.entries(at(fieldsV1, "f:spec", list)).flatMap(([key, fields]) =>
        cpuFields(fields).map((field) => ({ container: nameIn(key), field, manager })),
      ),
    ),
  );
}

/**
 * Whether somebody has set this annotation, as against admission, which is no manager of fields. Where no manager is
 * known at all, somebody has hidden them.
 */
export function hasSet(entries: readonly V1ManagedFieldsEntry[] | undefined, annotation: string): boolean {
  const whole = entries?.filter(({ subresource }) => !subresource) ?? [];
  return (
    whole.length === 0 || whole.some(({ fieldsV1 }) => `f:${annotation}` in at(fieldsV1, "f:metadata", "f:annotations"))
  );
}

/** A name is that of one container of a pod, in whichever list. */
const lists = ["f:containers", "f:initContainers"] as const;

const kinds = [
  { field: "requestMilli", name: "f:requests" },
  { field: "limitMilli", name: "f:limits" },
] as const;

function cpuFields(fields: unknown): readonly ForeignCpu["field"][] {
  return kinds.filter(({ name }) => "f:cpu" in at(fields, "f:resources", name)).map(({ field }) => field);
}

/** What FieldsV1 has at a path; nothing where it ends before. */
function at(fields: unknown, ...path: readonly string[]): object {
  const found = path.reduce<unknown>((within, name) => (within as Record<string, unknown> | undefined)?.[name], fields);
  return typeof found === "object" && found !== null ? found : {};
}

/** `k:{"name":"app"}` */
function nameIn(key: string): string {
  return /"name":"([^"]*)"/.exec(key)?.[1] ?? "";
}
