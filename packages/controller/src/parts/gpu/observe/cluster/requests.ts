import { parseCpu, parseQuantity } from "@walras/kit";
import type { V1Container, V1ContainerStatus, V1Pod, V1ResourceRequirements } from "@kubernetes/client-node";

import type { Amounts } from "../../decide/schedule/pod.ts";

type Quantities = Readonly<Record<string, string>>;
type Sums = Record<string, number>;

/**
 * What the scheduler counts for a pod: its containers together or what its start needs, whichever is more, or what is asked for the
 * pod as a whole; the overhead; and one of `pods`. Of a container that is being resized the larger of what it wants and what it has.
 *
 * @throws FieldError when a quantity cannot be read
 */
export function requestOf({ spec, status }: V1Pod, origin: string): Amounts {
  const running = sum((spec?.containers ?? []).map((one) => containerRequest(one, status?.containerStatuses, origin)));
  const counted = largest(startRequest({ spec, status } as V1Pod, running, origin));
  Object.assign(counted, amountsOf(spec?.resources, origin));
  return { ...sum([counted, readAll(spec?.overhead ?? {}, `${origin}.overhead`)]), pods: 1 };
}

/** Amounts as a Node lists them. @throws FieldError when a quantity cannot be read */
export function readAll(quantities: Quantities, field: string): Sums {
  const read = Object.entries(quantities).map(([resource, text]): [string, number] => {
    const name = `${field}.${resource}`;
    return [resource, resource === "cpu" ? parseCpu(text, name) : parseQuantity(text, name)];
  });
  return Object.fromEntries(read);
}

/** A container that names only a limit requests that: the API server says so, and a template may not have gone through it. */
function amountsOf(resources: V1ResourceRequirements | undefined, field: string): Sums {
  return readAll({ ...resources?.limits, ...resources?.requests }, field);
}

function containerRequest(
  container: V1Container,
  statuses: readonly V1ContainerStatus[] | undefined,
  origin: string,
): Sums {
  const field = `${origin}.${container.name}`;
  const status = statuses?.find(({ name }) => name === container.name);
  return largest([amountsOf(container.resources, field), readAll(status?.allocatedResources ?? {}, field)]);
}

/** What is needed at a time before the main containers run, and while they do (KEP-753). */
function startRequest({ spec, status }: V1Pod, running: Sums, origin: string): Sums[] {
  let sidecars: Sums = {};
  const moments: Sums[] = [];
  for (const container of spec?.initContainers ?? []) {
    const own = containerRequest(container, status?.initContainerStatuses, origin);
    if (container.restartPolicy === "Always") sidecars = sum([sidecars, own]);
    moments.push(container.restartPolicy === "Always" ? sidecars : sum([sidecars, own]));
  }
  return [...moments, sum([running, sidecars])];
}

function sum(all: readonly Sums[]): Sums {
  return merged(all, (one, other) => one + other);
}

function largest(all: readonly Sums[]): Sums {
  return merged(all, Math.max);
}

function merged(all: readonly Sums[], join: (one: number, other: number) => number): Sums {
  const result: Sums = {};
  for (const amounts of all)
    for (const [resource, amount] of Object.entries(amounts)) result[resource] = join(result[resource] ?? 0, amount);
  return result;
}
