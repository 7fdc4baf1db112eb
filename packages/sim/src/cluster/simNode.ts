import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { type Clock, parseCpu, parseQuantity, type Rng } from "@walras/kit";

import { Kubelet } from "../node/kubelet.ts";
import type { PodWriter } from "../node/kubeletPorts.ts";
import { Machine } from "../node/machine.ts";
import { MachineFiles } from "../node/machineFiles.ts";
import type { NodeFacts } from "../node/nodeObject.ts";
import type { NodeGroup } from "../scenario/index.ts";

/** What the agent of a node is started with. */
export interface NodeFilePaths {
  /** For --cgroup-root. */
  readonly cgroupRoot: string;
  /** For --proc-root. */
  readonly procRoot: string;
  /** The agent's service-account token. */
  readonly tokenFile: string;
}

/** One node: its hardware, its kubelet, and where its files are. */
export interface SimNode {
  readonly facts: NodeFacts;
  readonly machine: Machine;
  readonly kubelet: Kubelet;
  /** null in a run without files */
  readonly paths: NodeFilePaths | null;
}

/** What all nodes of a cluster share. */
export interface NodeSurroundings {
  readonly writer: PodWriter;
  readonly clock: Clock;
  readonly rng: Rng;
  readonly seed: number;
  /** Nodes show files below it; none in a run without. */
  readonly directory: string | undefined;
}

/** @param index of the node in its cluster, for its address */
export function makeNode(group: NodeGroup, name: string, index: number, around: NodeSurroundings): SimNode {
  const facts = factsOf(group, name, index, around.rng);
  const files = around.directory === undefined ? null : makeFiles(join(around.directory, name), facts, around.rng);
  const { cores, allocatableMilli, layout } = facts;
  const machine = new Machine({ cores, allocatableMilli, layout, ...(files ? { files: files.files } : {}) });
  const { writer, clock, rng, seed } = around;
  const { staticCpuManager } = group;
  const kubelet = new Kubelet({ facts, staticCpuManager, writer, runtime: machine, clock, rng, seed });
  return { facts, machine, kubelet, paths: files?.paths ?? null };
}

function factsOf(group: NodeGroup, name: string, index: number, rng: Rng): NodeFacts {
  return {
    name,
    cores: group.cores,
    allocatableMilli: group.cores * 1000 - parseCpu(group.reserved, `${name}.reserved`),
    memoryBytes: parseQuantity(group.memory, `${name}.memory`),
    layout: { version: group.cgroup, driver: group.driver, runtime: group.runtime },
    bootId: bootId(rng),
    address: `10.${64 + (index >> 16)}.${(index >> 8) & 255}.${index & 255}`,
    podNetwork: `10.${128 + (index >> 8)}.${index & 255}`,
    labels: group.labels,
  };
}

function bootId(rng: Rng): string {
  const digits = Array.from({ length: 32 }, () => Math.floor(rng() * 16).toString(16)).join("");
  return [0, 8, 12, 16, 20].map((from, index, cuts) => digits.slice(from, cuts[index + 1])).join("-");
}

function makeFiles(directory: string, facts: NodeFacts, rng: Rng): { files: MachineFiles; paths: NodeFilePaths } {
  const paths = {
    cgroupRoot: join(directory, "cgroup"),
    procRoot: join(directory, "proc"),
    tokenFile: join(directory, "token"),
  };
  mkdirSync(directory, { recursive: true });
  return { files: new MachineFiles({ ...paths, layout: facts.layout, facts, rng }), paths };
}

/** Puts the agent's token where the agent looks for it. */
export function writeToken({ paths }: SimNode, token: string): void {
  if (paths) writeFileSync(paths.tokenFile, `${token}\n`, { mode: 0o600 });
}
