import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import type { GpuNode, GpuPod } from "@walras/controller/gpu";
import { seededRng } from "@walras/kit";
import { describe, expect, it } from "vitest";

import { arrivalsOf, clairvoyantMilli, mixVariants, packingRules, readTrace } from "./index.ts";

const nodes: readonly GpuNode[] = Array.from({ length: 12 }, (_, index) => ({
  name: `node-${index}`,
  cpuMilli: 32_000,
  memoryMiB: 65_536,
  gpus: index % 2 === 0 ? 4 : 2,
  model: index % 2 === 0 ? "A100" : "T4",
}));

const podOf = (gpus: number, gpuMilli: number, cpuMilli: number): GpuPod => ({
  name: `${gpus}x${gpuMilli}`,
  cpuMilli,
  memoryMiB: 1024,
  gpus,
  gpuMilli,
  models: [],
});

const pods = [podOf(1, 470, 2000), podOf(1, 1000, 4000), podOf(1, 320, 1000), podOf(2, 1000, 8000), podOf(0, 0, 3000)];
const milliOf = (list: readonly GpuPod[]): number => list.reduce((sum, { gpus, gpuMilli }) => sum + gpus * gpuMilli, 0);

describe("a trace", () => {
  const folder = mkdtempSync(join(tmpdir(), "walras-packing-"));
  const files = { nodes: "nodes.csv", pods: "pods.csv" };
  const write = (podRow: string): void => {
    writeFileSync(join(folder, files.nodes), "sn,cpu_milli,memory_mib,gpu,model\nn1,64000,262144,2,P100\n");
    writeFileSync(
      join(folder, files.pods),
      `name,cpu_milli,memory_mib,num_gpu,gpu_milli,gpu_spec,qos\n${podRow}\np2,1,1,8,1000,,LS\np3,1,1,0,0,,BE\n`,
    );
  };

  it("is read as nodes and pods", () => {
    write("p1,6000,12288,1,460,V100M16|T4,LS");
    expect(readTrace(folder, files)).toEqual({
      nodes: [{ name: "n1", cpuMilli: 64_000, memoryMiB: 262_144, gpus: 2, model: "P100" }],
      pods: [
        { name: "p1", cpuMilli: 6000, memoryMiB: 12_288, gpus: 1, gpuMilli: 460, models: ["V100M16", "T4"] },
        { name: "p2", cpuMilli: 1, memoryMiB: 1, gpus: 8, gpuMilli: 1000, models: [] },
        { name: "p3", cpuMilli: 1, memoryMiB: 1, gpus: 0, gpuMilli: 0, models: [] },
      ],
    });
  });

  it("names what is wrong with a line", () => {
    write("p1,many,12288,1,460,,LS");
    expect(() => readTrace(folder, files)).toThrow('pods.csv:2: cpu_milli: "many" is no whole number');
    write("p1,6000");
    expect(() => readTrace(folder, files)).toThrow("pods.csv:2: memory_mib is missing");
  });
});

describe("arrivals", () => {
  it("ask for as many GPUs as there are, the same with the same seed", () => {
    const arrivals = arrivalsOf(pods, nodes, seededRng(1));
    const last = arrivals.at(-1);
    expect(milliOf(arrivals)).toBeGreaterThanOrEqual(36_000);
    expect(milliOf(arrivals.slice(0, -1))).toBeLessThan(36_000);
    expect(last).toBeDefined();
    expect(arrivalsOf(pods, nodes, seededRng(1))).toEqual(arrivals);
    expect(new Set(arrivals.map(({ name }) => name)).size).toBe(arrivals.length);
  });
});

describe("variants of a mix", () => {
  it.each(mixVariants.map((variant) => [variant.name, variant] as const))(
    "%s are pods that a planner takes",
    (_name, variant) => {
      const made = variant.pods({ nodes, pods }, seededRng(3));
      expect(made.length).toBeGreaterThan(0);
      for (const { gpus, gpuMilli, cpuMilli } of made) {
        expect(Number.isInteger(cpuMilli) && cpuMilli >= 0).toBe(true);
        expect(gpus === 0 ? gpuMilli === 0 : gpus > 1 ? gpuMilli === 1000 : gpuMilli > 0 && gpuMilli <= 1000).toBe(
          true,
        );
      }
    },
  );
});

describe("the rules", () => {
  it("allocate no more than the bound of who knows all arrivals", () => {
    for (const seed of [1, 2, 3]) {
      const arrivals = arrivalsOf(pods, nodes, seededRng(seed));
      const bound = clairvoyantMilli(nodes, arrivals);
      expect(bound).toBeLessThanOrEqual(36_000);
      for (const rule of packingRules) {
        const place = rule.start(nodes, pods, seededRng(seed));
        expect(milliOf(arrivals.filter((pod) => place(pod)))).toBeLessThanOrEqual(bound + 1e-6);
      }
    }
  });
});
