import type { Rng } from "@walras/kit";

import { type CgroupLayout, containerGroup, monitorGroup } from "./cgroupNames.ts";
import { CgroupTree } from "./cgroupTree.ts";
import { cpuGroup } from "./cpuGroup.ts";
import { newContainerId } from "./containerId.ts";
import type { ContainerPlace, PodGroups, PodPlace } from "./podGroups.ts";
import { type MachineFacts, ProcTree } from "./procTree.ts";

/** Where a machine shows its files, and how. */
export interface FilesOptions {
  /** Stands for /sys/fs/cgroup. */
  readonly cgroupRoot: string;
  /** Stands for /proc. */
  readonly procRoot: string;
  readonly layout: CgroupLayout;
  readonly facts: MachineFacts;
  readonly rng: Rng;
}

const firstPid = 1000;

/** The files by which a machine tells of its pods, sandboxes and monitors included. */
export class MachineFiles {
  readonly #layout: CgroupLayout;
  readonly #tree: CgroupTree;
  readonly #proc: ProcTree;
  readonly #rng: Rng;
  /** Processes by the path of their group. */
  readonly #pids = new Map<string, number>();
  #nextPid = firstPid;

  constructor({ cgroupRoot, procRoot, layout, facts, rng }: FilesOptions) {
    this.#layout = layout;
    this.#tree = new CgroupTree(cgroupRoot, layout.version);
    this.#proc = new ProcTree(procRoot, facts);
    this.#rng = rng;
  }

  show(groups: PodGroups): void {
    this.#tree.addRoot(groups.root);
    for (const [path, group] of groups.upper) this.#tree.add(path, group);
  }

  addPod(pod: PodPlace): void {
    this.#tree.add(pod.path, pod.group);
    const sandbox = newContainerId(this.#rng);
    this.#addIdle(`${pod.path}/${containerGroup(this.#layout, sandbox)}`, "pause");
    for (const container of pod.containers.values()) this.addContainer(container);
  }

  addContainer({ path, group, setup }: ContainerPlace): void {
    this.#tree.add(path, group, [this.#newProcess(path, setup.name.slice(0, 15))]);
    const monitor = monitorGroup(this.#layout, setup.id);
    if (monitor) this.#addIdle(`${path.slice(0, path.lastIndexOf("/"))}/${monitor}`, "conmon");
  }

  removeContainer({ path, setup }: ContainerPlace): void {
    const monitor = monitorGroup(this.#layout, setup.id);
    this.#remove(path);
    if (monitor) this.#remove(`${path.slice(0, path.lastIndexOf("/"))}/${monitor}`);
  }

  removePod({ path }: PodPlace): void {
    this.#remove(path);
  }

  settings(path: string): void {
    this.#tree.writeSettings(path);
  }

  /** From now on counters are not numbers, or are again. */
  setSpoiled(spoiled: boolean): void {
    this.#tree.setSpoiled(spoiled);
  }

  counters({ usedUsec, uptimeUsec }: { usedUsec: number; uptimeUsec: number }): void {
    this.#tree.writeCounters();
    this.#proc.writeLoad(usedUsec, uptimeUsec);
  }

  close(): void {
    this.#tree.close();
    this.#proc.close();
  }

  #addIdle(path: string, process: string): void {
    this.#tree.add(path, cpuGroup(this.#layout.version === "v1" ? 2 : 1), [this.#newProcess(path, process)]);
  }

  #newProcess(path: string, name: string): number {
    const pid = this.#nextPid++;
    this.#pids.set(path, pid);
    this.#proc.addProcess(pid, name);
    return pid;
  }

  #remove(path: string): void {
    this.#tree.remove(path);
    for (const [own, pid] of this.#pids) {
      if (own !== path && !own.startsWith(`${path}/`)) continue;
      this.#proc.removeProcess(pid);
      this.#pids.delete(own);
    }
  }
}
