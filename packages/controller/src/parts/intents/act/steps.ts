import type { ActuatorsConfig } from "../config/actuators.ts";
import type { Action } from "../decide/snapshot.ts";
import { directionOf } from "../loop/direction.ts";
import type { SeenIntent, SeenTarget } from "../loop/ports.ts";
import { cacheClassStep, powerProfileStep } from "./classes.ts";
import { cpuStep } from "./cpu/step.ts";
import type { PodSizer } from "./cpu/sizer.ts";
import { type ForeignActuators, type Market, Obstacle, type Step } from "./ports.ts";
import { type RemovalParts, removalStep } from "./removal.ts";
import type { TemplateWriter } from "./template.ts";

export interface StepParts extends RemovalParts {
  readonly sizer: PodSizer;
  readonly template: TemplateWriter;
  readonly market: Market;
  readonly foreign: ForeignActuators;
  readonly actuators: ActuatorsConfig;
}

/** What is asked for, and of what. */
export interface Order {
  readonly seen: SeenIntent;
  readonly target: SeenTarget;
  readonly plan: readonly Action[];
  /** Told of what was left out of the plan. */
  readonly refused: (reason: string) => void;
}

/**
 * A plan as steps, those first that change no pod that stays. Removed and added
 * pods are netted, as the prototype's actuators do.
 *
 * @throws Obstacle where an action is nobody's, or says what cannot be done
 */
export function stepsFor({ plan, ...order }: Order, parts: StepParts): readonly Step[] {
  const { ref } = order.target;
  const theirs = plan.filter(({ name }) => isForeign(name, parts.foreign));
  const ours = plan.filter((action) => !theirs.includes(action));
  const replicas = replicaSteps({ ...order, plan: ours }, parts);
  const cpu = ours.filter(({ name }) => name === "scaleCPU").map((one) => cpuStep(ref, valueOf(one), sized(parts)));
  const { grows } = directionOf(ours, order.seen.intent.resources);
  const removes = ours.some(({ name }) => name === "rmPod");
  // Pods that go because the others get more CPU wait for it.
  return [
    ...(grows && removes ? [...cpu, ...replicas] : [...replicas, ...cpu]),
    ...ours.flatMap((one) => classStep(one, order.target, parts)),
    ...foreignSteps(theirs, order.seen, parts),
  ];
}

/** An actuator that has registered for an action does it; pods are removed by whoever lowers the replicas. */
function isForeign(name: string, foreign: ForeignActuators): boolean {
  return foreign.knows(name) && (name !== "rmPod" || foreign.knows("scaleOut"));
}

function sized({ actuators, ...parts }: StepParts): Parameters<typeof cpuStep>[2] {
  return { ...parts, boost: actuators.scaleCPU.boost_factor };
}

function replicaSteps({ plan, target, refused }: Order, parts: StepParts): readonly Step[] {
  const removed = plan.filter(({ name }) => name === "rmPod").map(({ properties }) => String(properties["name"]));
  const added = plan.reduce((sum, one) => sum + (one.name === "scaleOut" ? factorOf(one) : 0), 0);
  const { ref, replicas, generation } = target;
  const net = added - removed.length;
  if (net > 0) return [growth(target, net, parts)];
  if (net === 0) return [];
  const victims = removed.slice(added).map((name) => {
    const pod = target.pods.find((one) => one.name === name);
    if (!pod) throw new Obstacle("Outdated", `pod ${name} is not one of the workload's`);
    return pod;
  });
  if (new Set(victims).size < victims.length) throw new Obstacle("Refused", "names a pod twice");
  return [removalStep({ ref, replicas, generation, victims, refused }, parts)];
}

function growth({ ref, replicas, generation }: SeenTarget, added: number, { scaler, actuators }: StepParts): Step {
  const { max_pods: most } = actuators.scaleOut;
  if (replicas + added > most)
    throw new Obstacle("Refused", `${replicas + added} replicas are more than max_pods ${most}`);
  return {
    actions: ["scaleOut"],
    do: async (done) => done(await scaler.scale(ref, { from: replicas, to: replicas + added, generation })),
  };
}

function classStep({ name, properties }: Action, { ref }: SeenTarget, parts: StepParts): readonly Step[] {
  const { configureRDT, setPowerProfile } = parts.actuators;
  if (replicasAndCpu.has(name)) return [];
  if (name === "configureRDT" && configureRDT) {
    const option = textOf(properties["option"], configureRDT.options);
    return [cacheClassStep(ref, option, configureRDT.annotation_name, parts)];
  }
  if (name === "setPowerProfile" && setPowerProfile) {
    const { options } = setPowerProfile;
    return [powerProfileStep(ref, textOf(properties["profile"], options), options, parts)];
  }
  throw new Obstacle("Refused", `no actuator ${name} is here`);
}

const replicasAndCpu: ReadonlySet<string> = new Set(["scaleOut", "rmPod", "scaleCPU"]);

/** How to take back what others do is known to nobody. */
function foreignSteps(plan: readonly Action[], seen: SeenIntent, { foreign }: StepParts): readonly Step[] {
  if (plan.length === 0) return [];
  return [{ actions: plan.map(({ name }) => name), do: () => foreign.perform(seen, plan) }];
}

function valueOf({ properties }: Action): number {
  const value = Number(properties["value"]);
  if (Number.isInteger(value) && value > 0) return value;
  throw new Obstacle("Refused", `scaleCPU.value: ${properties["value"]} is not a number of millicores`);
}

function factorOf({ properties }: Action): number {
  const factor = Number(properties["factor"]);
  if (Number.isInteger(factor) && factor > 0) return factor;
  throw new Obstacle("Refused", `scaleOut.factor: ${properties["factor"]} is not a number of replicas`);
}

function textOf(value: string | number | undefined, options: readonly string[]): string {
  const option = String(value);
  if (options.includes(option)) return option;
  throw new Obstacle("Refused", `${option} is not one of ${options.join(", ")}`);
}
