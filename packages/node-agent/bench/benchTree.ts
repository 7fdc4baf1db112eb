import { type ChildProcess, spawn } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, rmdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";

import type { PodRef } from "@walras/proto";

/** A shell that works for a few milliseconds, then waits, without starting anything. */
const loop = `exec {idle}<> <(:); while :; do for ((i = 0; i < $1; i++)); do :; done; read -rt 0.2 -u $idle; done`;
const hierarchies = ["cpu", "cpuacct", "unified"];

export interface TreeSize {
  readonly pods: number;
  readonly containersPerPod: number;
  /** How many containers have a loop in them; the others are idle. */
  readonly loops: number;
}

/** Real control groups of v1 (and the unified hierarchy for pressure), named as containerd would, with light loops in some. */
export class BenchTree {
  readonly pods: readonly PodRef[];
  readonly #root = `walras-bench-${process.pid}`;
  readonly #size: TreeSize;
  readonly #loops: ChildProcess[] = [];
  /** In the order they were made; removed in reverse. */
  readonly #directories: string[] = [];

  constructor(size: TreeSize) {
    this.#size = size;
    this.pods = Array.from({ length: size.pods }, (_, pod) => ({
      uid: `00000000-0000-4000-8000-${hex(pod, 12)}`,
      configHash: "",
      containerIds: Array.from({ length: size.containersPerPod }, (__, index) => hex(pod * 16 + index + 1, 64)),
    }));
  }

  create(): void {
    for (const path of ["", "kubepods", "kubepods/burstable"]) this.#makeGroup(path);
    let made = 0;
    for (const { uid, containerIds } of this.pods) {
      const pod = `kubepods/burstable/pod${uid}`;
      this.#makeGroup(pod);
      for (const id of containerIds) {
        this.#makeGroup(join(pod, id));
        this.#limit(join(pod, id), made);
        if (made < this.#size.loops) this.#startLoop(join(pod, id), made);
        made += 1;
      }
    }
  }

  async remove(): Promise<void> {
    for (const child of this.#loops) child.kill("SIGKILL");
    await delay(500);
    for (const directory of this.#directories.toReversed()) if (existsSync(directory)) rmdirSync(directory);
  }

  #makeGroup(path: string): void {
    for (const hierarchy of hierarchies) {
      const mount = join("/sys/fs/cgroup", hierarchy);
      if (!existsSync(mount)) continue;
      const directory = join(mount, this.#root, path);
      mkdirSync(directory);
      this.#directories.push(directory);
    }
  }

  /** Every other container has a quota, some of them too small for the loop in it. */
  #limit(path: string, index: number): void {
    if (index % 2 === 0) writeFileSync(this.#file("cpu", path, "cpu.cfs_quota_us"), String(1000 + index * 100));
  }

  #startLoop(path: string, index: number): void {
    const child = spawn("bash", ["-c", loop, "loop", String(500 + (index % 7) * 300)], { stdio: "ignore" });
    this.#loops.push(child);
    for (const hierarchy of hierarchies) {
      const procs = this.#file(hierarchy, path, "cgroup.procs");
      if (existsSync(procs)) writeFileSync(procs, String(child.pid));
    }
  }

  #file(hierarchy: string, path: string, name: string): string {
    return join("/sys/fs/cgroup", hierarchy, this.#root, path, name);
  }
}

/** Whether this machine lets the benchmark make its groups. */
export function canMakeGroups(): boolean {
  return (
    process.getuid?.() === 0 &&
    existsSync("/sys/fs/cgroup/cpuacct") &&
    readFileSync("/proc/mounts", "utf8").includes("cpuacct")
  );
}

function hex(value: number, digits: number): string {
  return value.toString(16).padStart(digits, "0");
}
