import { type CpuSettings, podSettings, type PodCpu } from "./actuation.ts";
import { type CgroupLayout, containerGroup, podPath, podsRoot, type QosClass, qosPath } from "./cgroupNames.ts";
import { periodUsec, quotaUsecOf, sharesOf, weightOf } from "./cgroupValues.ts";
import { attach, type CpuGroup, cpuGroup, detach, type TaskOptions } from "./cpuGroup.ts";

/** A container about to start. */
export interface ContainerSetup {
  readonly name: string;
  /** Without the runtime's prefix. */
  readonly id: string;
  readonly settings: CpuSettings;
  readonly tasks: TaskOptions;
}

/** A pod about to start. */
export interface PodSetup {
  readonly uid: string;
  readonly cgroupName: string;
  readonly qos: QosClass;
  readonly containers: readonly ContainerSetup[];
}

/** A container's group and where it is. */
export interface ContainerPlace {
  readonly setup: ContainerSetup;
  readonly group: CpuGroup;
  readonly path: string;
}

/** A pod's group, where it is, and its containers. */
export interface PodPlace {
  readonly setup: PodSetup;
  readonly group: CpuGroup;
  readonly path: string;
  readonly containers: Map<string, ContainerPlace>;
}

/** The groups of a node as a kubelet arranges them: all pods, QoS classes, pods, containers. */
export class PodGroups {
  readonly root: CpuGroup = cpuGroup(1024);
  /** The groups above the pods, by path. */
  readonly upper: ReadonlyMap<string, CpuGroup>;
  readonly pods = new Map<string, PodPlace>();
  readonly #layout: CgroupLayout;

  constructor(layout: CgroupLayout, allocatableMilli: number) {
    this.#layout = layout;
    const all = attach(this.root, cpuGroup(this.#weight(allocatableMilli)));
    const classes = (["Burstable", "BestEffort"] as const).map(
      (qos) => [qosPath(layout, qos), attach(all, cpuGroup(this.#weight(0)))] as const,
    );
    this.upper = new Map([[podsRoot(layout), all], ...classes]);
  }

  add(setup: PodSetup): PodPlace {
    const group = attach(this.#parent(setup.qos), cpuGroup(this.#weight(0)));
    const path = podPath(this.#layout, setup.qos, setup.cgroupName);
    const place: PodPlace = { setup, group, path, containers: new Map() };
    this.pods.set(setup.uid, place);
    for (const container of setup.containers) this.start(place, container);
    const cpu: PodCpu = new Map(setup.containers.map(({ name, settings }) => [name, settings]));
    this.set(group, podSettings(cpu));
    this.#weighBurstable();
    return place;
  }

  /** Starts one container of a pod, in place of the one of that name. */
  start(pod: PodPlace, setup: ContainerSetup): ContainerPlace {
    const before = pod.containers.get(setup.name);
    if (before) detach(pod.group, before.group);
    const group = attach(pod.group, cpuGroup(1, setup.tasks));
    this.set(group, setup.settings);
    const place = { setup, group, path: `${pod.path}/${containerGroup(this.#layout, setup.id)}` };
    pod.containers.set(setup.name, place);
    return place;
  }

  /** Takes one container of a pod away. */
  end(pod: PodPlace, container: string): void {
    const place = pod.containers.get(container);
    if (!place) return;
    detach(pod.group, place.group);
    pod.containers.delete(container);
  }

  /** Sets a group's weight and quota, in the precision of its files. */
  set(group: CpuGroup, { requestMilli, limitMilli }: CpuSettings): void {
    const quotaUsec = quotaUsecOf(limitMilli, this.#layout.driver);
    group.weight = this.#weight(requestMilli);
    group.requestCores = requestMilli / 1000;
    group.quotaCores = quotaUsec === null ? Infinity : quotaUsec / periodUsec;
    this.#weighBurstable();
  }

  remove(uid: string): PodPlace | undefined {
    const place = this.pods.get(uid);
    if (!place) return undefined;
    detach(this.#parent(place.setup.qos), place.group);
    this.pods.delete(uid);
    this.#weighBurstable();
    return place;
  }

  #parent(qos: QosClass): CpuGroup {
    return this.upper.get(qosPath(this.#layout, qos)) ?? this.root;
  }

  #weight(requestMilli: number): number {
    const shares = sharesOf(requestMilli);
    return this.#layout.version === "v1" ? shares : weightOf(shares);
  }

  /** The class counts for the requests of its pods together (qosContainerManager.setCPUCgroupConfig). */
  #weighBurstable(): void {
    const group = this.#parent("Burstable");
    let cores = 0;
    for (const pod of group.children) cores += pod.requestCores;
    group.requestCores = cores;
    group.weight = this.#weight(Math.round(cores * 1000));
  }
}
