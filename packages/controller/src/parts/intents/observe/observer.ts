import type { IntentSnapshot, PodState } from "../decide/snapshot.ts";
import type { BadIntent, Observer, SeenIntent, SeenTarget, Sight } from "../loop/ports.ts";
import { workloadKey } from "../../../base/cluster/workload.ts";
import { freeMilliOf } from "./free.ts";
import type { IntentObject } from "./objects/intent.ts";
import type { IntentPod } from "./objects/pod.ts";
import type { TargetObject } from "./objects/target.ts";
import { PodHistory } from "./podHistory.ts";
import type { ProfileBook } from "./profiles.ts";
import { rivalsOf } from "./rivals.ts";
import type { IntentStores } from "./stores.ts";

/** What was last measured of nodes, by metric, then by node. */
export interface HostData {
  of(nodes: ReadonlySet<string>): IntentSnapshot["data"];
}

export interface ObserverOptions {
  readonly stores: IntentStores;
  readonly profiles: ProfileBook;
  readonly hosts: HostData;
}

type Spec = Extract<IntentObject["read"], { readonly spec: unknown }>["spec"];

/** Sees intents and their workloads in the cluster's caches. */
export class StoreObserver implements Observer {
  readonly #options: ObserverOptions;
  readonly #history: PodHistory;

  constructor(options: ObserverOptions) {
    this.#options = options;
    this.#history = new PodHistory(options.stores.pods);
  }

  look(nowMs: number): Sight {
    const { stores, profiles } = this.#options;
    const intents: SeenIntent[] = [];
    const bad: BadIntent[] = [];
    for (const { ref, generation, read } of stores.intents.values()) {
      if ("problem" in read) bad.push({ ref, generation, problem: read.problem });
      else intents.push({ ref, generation, ...this.#seen(`${ref.namespace}/${ref.name}`, read.spec, nowMs) });
    }
    return { intents, bad, profiles: profiles.resolved(), freeMilli: freeMilliOf(stores) };
  }

  /** What an intent is about now; null: there is no such workload, or the intent is gone or cannot be read. */
  targetOf({ ref }: Pick<SeenIntent, "ref">): SeenTarget | null {
    const { stores } = this.#options;
    const read = stores.intents.get(ref.uid)?.read;
    const found = read === undefined || "problem" in read ? undefined : this.#targetOf(read.spec);
    return found === undefined ? null : seenTarget(found, podsOf(found, stores), stores);
  }

  #seen(name: string, spec: Spec, nowMs: number): Pick<SeenIntent, "intent" | "target"> {
    const { stores, hosts } = this.#options;
    const found = this.#targetOf(spec);
    const pods = found === undefined ? [] : podsOf(found, stores);
    const example = exampleOf(pods);
    const nodes = new Set(pods.flatMap(({ node }) => node ?? []));
    const intent: SeenIntent["intent"] = {
      name,
      target: spec.targetRef,
      granted: found?.grants.includes(name.split("/")[0] ?? "") ?? false,
      priority: spec.priority,
      active: spec.active,
      objectives: spec.objectives.map(({ name: title, measuredBy, value, tolerance }) => ({
        name: title,
        profile: measuredBy,
        target: value,
        tolerance,
      })),
      pods: pods.map((pod) => stateOf(pod, this.#history.availabilityOf(pod, nowMs))),
      resources: new Map(Object.entries(example?.resources ?? {})),
      annotations: new Map(Object.entries(example?.annotations ?? {})),
      data: hosts.of(nodes),
    };
    return { intent, target: found === undefined ? null : seenTarget(found, pods, stores) };
  }

  #targetOf({ targetRef: { kind, name: key } }: Spec): TargetObject | undefined {
    const { deployments, replicaSets } = this.#options.stores;
    const [namespace = "", name = ""] = key.split("/");
    return (kind === "Deployment" ? deployments : replicaSets).named(namespace, name);
  }
}

/** Those that serve or are about to: what is ending or has ended serves nobody. */
function podsOf({ namespace, ref, makes }: TargetObject, { pods }: IntentStores): IntentPod[] {
  const isOwn = (pod: IntentPod): boolean =>
    makes.kind === ref.kind || (pod.owner?.kind === ref.kind && pod.owner.name === ref.name);
  const serves = ({ phase, terminating }: IntentPod): boolean =>
    !terminating && (phase === "Running" || phase === "Pending");
  return pods
    .group(workloadKey(namespace, makes))
    .filter((pod) => serves(pod) && isOwn(pod))
    .toSorted((one, other) => (one.name < other.name ? -1 : 1));
}

/** The newest that is ready, else the newest: what is declared for the others is on its way out. */
function exampleOf(pods: readonly IntentPod[]): IntentPod | undefined {
  return pods.toSorted(
    (one, other) => Number(other.ready) - Number(one.ready) || other.createdAtMs - one.createdAtMs,
  )[0];
}

function stateOf({ name, node, phase, ready, qosClass }: IntentPod, availability: number): PodState {
  return { name, availability, node, phase, ready, qosClass };
}

function seenTarget(target: TargetObject, pods: readonly IntentPod[], stores: IntentStores): SeenTarget {
  const { ref, generation, replicas } = target;
  return {
    ref,
    generation,
    replicas,
    pods: pods.map(({ name, uid }) => ({ name, uid })),
    rivals: rivalsOf(target, exampleOf(pods)?.lastContainer ?? "", stores),
  };
}
