import type { Rng } from "@walras/kit";

import type { KubeObject } from "../apiserver/index.ts";
import { type Curve, curveOf, type Load, loadOf, seedFor } from "../workload/index.ts";
import { newContainerId } from "./containerId.ts";
import type { PodRun } from "./machine.ts";
import type { PodResources, PodView } from "./podView.ts";
import type { RunningContainer } from "./runningPod.ts";

/** The loads of a pod's containers, by name. */
export type Loads = ReadonlyMap<string, Load>;

/** @throws FieldError naming the annotation that cannot be read */
export function loadsOf(object: KubeObject, view: PodView): Loads {
  return new Map([...view.resources.keys()].map((name) => [name, loadOf(object.metadata.annotations, name)]));
}

/** A new start of a container. */
export function newContainer(rng: Rng, startedAt: string, restarts = 0): RunningContainer {
  return { id: newContainerId(rng), startedAt, restarts };
}

/**
 * The pod as its machine is to run it.
 *
 * @param seed of the node; each container's randomness has a seed of its own, by its name
 */
export function podRun(
  view: PodView,
  {
    containers,
    loads,
    resources,
  }: { containers: ReadonlyMap<string, RunningContainer>; loads: Loads; resources: PodResources },
  seed: number,
): PodRun {
  const setups = [...containers].flatMap(([name, { id }]) => {
    const [settings, load] = [resources.get(name), loads.get(name)];
    if (!settings || !load) return [];
    const tasks = { parallelism: load.parallelism, backlogLimitCoreMs: load.backlogSeconds * 1000 };
    return [{ name, id, settings, tasks }];
  });
  const { uid, cgroupName, qos, namespace, name } = view;
  return { uid, cgroupName, qos, namespace, name, containers: setups, demand: curvesOf(view, loads, seed) };
}

function curvesOf({ namespace, name }: PodView, loads: Loads, seed: number): ReadonlyMap<string, Curve> {
  const curve = (container: string, load: Load): Curve =>
    curveOf(load.demand, seedFor(seed, `${namespace}/${name}/${container}`));
  return new Map([...loads].map(([container, load]) => [container, curve(container, load)]));
}
