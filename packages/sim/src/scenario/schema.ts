import { parseCpu, parseQuantity } from "@walras/kit";
import { z } from "zod";

import { loadSchema } from "../workload/index.ts";

const text = z.string().min(1);
const count = z.number().int().positive();
const seconds = z.number().nonnegative();
const labels = z.record(text, z.string()).default({});

/** A Kubernetes quantity; YAML may write it as a number. */
function quantity(parse: (value: string, field: string) => number): z.ZodType<string, string | number> {
  return z
    .union([z.string(), z.number()])
    .transform(String)
    .refine((value) => isReadable(value, parse), "not a Kubernetes quantity");
}

function isReadable(value: string, parse: (value: string, field: string) => number): boolean {
  try {
    return parse(value, "quantity") >= 0;
  } catch {
    return false;
  }
}

const cpu = quantity(parseCpu);
const memory = quantity(parseQuantity);
const amounts = z.strictObject({ cpu: cpu.optional(), memory: memory.optional() }).default({});

const nodeGroup = z.strictObject({
  /** With a count above 1, "name" becomes "name-1", "name-2" … */
  name: text,
  count: count.default(1),
  cores: count.default(4),
  /** CPU kept from pods: capacity less allocatable. */
  reserved: cpu.default("100m"),
  memory: memory.default("16Gi"),
  cgroup: z.enum(["v1", "v2"]).default("v2"),
  driver: z.enum(["systemd", "cgroupfs"]).default("systemd"),
  runtime: z.enum(["containerd", "cri-o", "docker"]).default("containerd"),
  staticCpuManager: z.boolean().default(false),
  labels,
});

const container = z.strictObject({
  name: text.default("app"),
  image: text.default("local/load:1"),
  requests: amounts,
  limits: amounts,
  load: loadSchema.optional(),
  /** An init container that keeps running beside the others. */
  sidecar: z.boolean().default(false),
});

const podGroup = z.strictObject({
  name: text,
  namespace: text.default("default"),
  count: count.default(1),
  labels,
  annotations: labels,
  /** The scheduler chooses where not given. */
  node: text.optional(),
  priority: z.number().int().default(0),
  /** A mirror pod of a static one, which cannot be resized. */
  static: z.boolean().default(false),
  /** Each replica's demand is this much further on its way than the one before it. */
  staggerSeconds: seconds.default(0),
  restartPolicy: z.enum(["Always", "OnFailure", "Never"]).default("Always"),
  /** For the pod as a whole, beside what its containers ask for. */
  requests: amounts,
  runtimeClass: text.optional(),
  containers: z.array(container).min(1),
});

const atSeconds = seconds;
const forSeconds = z.number().positive();

const fault = z.discriminatedUnion("kind", [
  z.strictObject({ kind: z.literal("killAgent"), atSeconds, node: text }),
  z.strictObject({ kind: z.literal("killController"), atSeconds }),
  z.strictObject({ kind: z.literal("dropWatches"), atSeconds }),
  /** Watches and continue tokens from before get 410 Expired. */
  z.strictObject({ kind: z.literal("expireHistory"), atSeconds }),
  z.strictObject({ kind: z.literal("pauseApi"), atSeconds, forSeconds }),
  z.strictObject({
    kind: z.literal("rejectCalls"),
    atSeconds,
    count,
    status: z.number().int().min(400).max(599).default(429),
    retryAfterSeconds: z.number().int().positive().optional(),
  }),
  /** A pod of that request, which nobody manages, appears on the node. */
  z.strictObject({ kind: z.literal("fillNode"), atSeconds, node: text, request: cpu, useCores: seconds.default(0) }),
  /** The kernel's counters on the node are not numbers. */
  z.strictObject({ kind: z.literal("badReports"), atSeconds, node: text, forSeconds }),
  z.strictObject({ kind: z.literal("restartContainer"), atSeconds, namespace: text, pod: text, container: text }),
]);

/** The schema of a scenario file. */
export const scenarioSchema = z.strictObject({
  name: text,
  /** What all randomness follows. */
  seed: z.number().int().nonnegative().default(1),
  durationSeconds: z.number().positive().default(60),
  /** Labels of namespaces, by name. */
  namespaces: z.record(text, labels).default({}),
  nodes: z.array(nodeGroup).min(1),
  pods: z.array(podGroup).default([]),
  faults: z.array(fault).default([]),
});

/** A cluster, what runs on it, and what goes wrong. */
export type Scenario = z.output<typeof scenarioSchema>;
export type NodeGroup = Scenario["nodes"][number];
export type PodGroup = Scenario["pods"][number];
/** Something that goes wrong at a given time. */
export type Fault = Scenario["faults"][number];
