import { gpuAnnotations } from "../../observe/cluster/names.ts";
import type { IncomingContainer, IncomingPod } from "./pod.ts";

/** One step of a JSON patch (RFC 6902). */
export interface PatchStep {
  readonly op: "add" | "remove";
  readonly path: string;
  readonly value?: unknown;
}

/** What a pod becomes, and what its owner should know. */
export interface Change {
  readonly patch: readonly PatchStep[];
  readonly warnings: readonly string[];
}

const fieldPath = `metadata.annotations['${gpuAnnotations.devices}']`;

/** What CUDA shows to the program. */
const cuda = "CUDA_VISIBLE_DEVICES";
/** What the NVIDIA runtime lets into the container. */
const runtime = "NVIDIA_VISIBLE_DEVICES";

const names = [cuda, runtime];

/** The variables of all containers, init containers and sidecars among them, that do not set them. */
export function withVariables(pod: IncomingPod): Change {
  const changes = (["initContainers", "containers"] as const).flatMap((list) =>
    (pod.spec[list] ?? []).map((container, index) => ofContainer(container, `/spec/${list}/${index}/env`)),
  );
  return {
    patch: changes.flatMap(({ patch }) => patch),
    warnings: changes.flatMap(({ warnings }) => warnings),
  };
}

/** The kubelet reads the annotation when a container starts, which is after the scheduler has written it. */
function ofContainer(container: IncomingContainer, path: string): Change {
  const set = new Set((container.env ?? []).map(({ name }) => name));
  const missing = names.filter((name) => !set.has(name));
  const added = missing.map((name) => ({ name, valueFrom: { fieldRef: { fieldPath } } }));
  return { patch: atTheBeginning(container, path, added), warnings: warningsOf(container) };
}

/** Before the others, so that those may say $(CUDA_VISIBLE_DEVICES). */
function atTheBeginning({ env }: IncomingContainer, path: string, added: readonly object[]): readonly PatchStep[] {
  if (added.length === 0) return [];
  if (!env) return [{ op: "add", path, value: added }];
  return added.toReversed().map((value) => ({ op: "add", path: `${path}/0`, value }));
}

function warningsOf({ name: container, env }: IncomingContainer): readonly string[] {
  return names.flatMap((name) => {
    // Of several with one name the last counts.
    const own = env?.findLast((variable) => variable.name === name);
    if (!own || isOurs(own)) return [];
    const value = JSON.stringify(own.valueFrom ?? own.value ?? "");
    return [`container ${container}: ${name} is ${value} already and stays, whatever GPUs the pod is given`];
  });
}

function isOurs({ valueFrom }: { readonly valueFrom?: unknown }): boolean {
  return (valueFrom as { fieldRef?: { fieldPath?: unknown } } | null | undefined)?.fieldRef?.fieldPath === fieldPath;
}
