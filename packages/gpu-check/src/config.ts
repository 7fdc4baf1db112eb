import { hostname } from "node:os";
import { parseArgs } from "node:util";

import { describeError, errorAt, logLevels, parseWith } from "@walras/kit";
import { z } from "zod";

import type { Sight } from "./sight/sight.ts";

/** What a pod knows of itself and does not change. */
export type Identity = Pick<
  Sight,
  "pod" | "namespace" | "node" | "cudaVisibleDevices" | "nvidiaVisibleDevices" | "enforcedBy"
>;

const text = z.string().min(1);
const port = z.coerce.number().int().min(0).max(65_535);
const seconds = z.coerce.number().int().min(1).max(3_600).default(10);

const probeSchema = z.object({
  LOG_INTERVAL: seconds,
  PORT: port.default(8080),
  LOG_LEVEL: z.enum(logLevels).default("info"),
});

const collectSchema = z.object({
  map: text,
  pods: text.includes("{}").default("http://gpu-scheduler-check-{}.gpu-scheduler-check:8080/"),
  nodes: z.enum(["labels", "names"]).default("labels"),
  kubeconfig: text.optional(),
  object: z
    .string()
    .regex(/^[^/]+\/[^/]+$/, "not NAMESPACE/NAME")
    .transform((value) => ({ namespace: value.split("/")[0] ?? "", name: value.split("/")[1] ?? "" }))
    .optional(),
  interval: seconds,
  port: port.default(8080),
  once: z.boolean().default(false),
  json: z.boolean().default(false),
});

export interface ProbeConfig {
  readonly collect: false;
  readonly identity: Identity;
  readonly everyMs: number;
  readonly port: number;
  readonly logLevel: (typeof logLevels)[number];
}

export interface CollectConfig {
  readonly collect: true;
  /** File of the scheduling map. */
  readonly map: string;
  /** URL of a pod, `{}` for its ordinal. */
  readonly pods: string;
  /** Whether the map's nodes are looked up by the label `gpu-node-name`, or are nodes' own names. */
  readonly nodes: "labels" | "names";
  readonly kubeconfig: string | undefined;
  /** The GpuSchedulingMap whose status tells what was chosen; null: none is asked. */
  readonly object: { readonly namespace: string; readonly name: string } | null;
  readonly everyMs: number;
  readonly port: number;
  /** One verdict on standard output, and its exit code: 0 green, 1 red, 2 where there can be none. */
  readonly once: boolean;
  readonly json: boolean;
  readonly logLevel: (typeof logLevels)[number];
}

const options = {
  collect: { type: "boolean" },
  once: { type: "boolean" },
  json: { type: "boolean" },
  map: { type: "string" },
  pods: { type: "string" },
  nodes: { type: "string" },
  kubeconfig: { type: "string" },
  object: { type: "string" },
  interval: { type: "string" },
  port: { type: "string" },
} as const;

/**
 * A pod of the check is configured by its environment, as the prototype's; the collector by flags.
 *
 * @throws FieldError naming the variable or flag and its value
 */
export function readConfig(argv: readonly string[], env: NodeJS.ProcessEnv): ProbeConfig | CollectConfig {
  const { collect = false, ...flags } = flagsOf(argv);
  const { LOG_INTERVAL, PORT, LOG_LEVEL } = parseWith(probeSchema, withoutEmpty(env), "");
  if (!collect) {
    const [first] = Object.entries(flags);
    if (first) throw errorAt(`--${first[0]}`, first[1], "goes with --collect");
    return { collect, identity: identityOf(env), everyMs: LOG_INTERVAL * 1000, port: PORT, logLevel: LOG_LEVEL };
  }
  const { interval, kubeconfig, object = null, ...others } = parseWith(collectSchema, flags, "-");
  return { collect, ...others, kubeconfig, object, everyMs: interval * 1000, logLevel: LOG_LEVEL };
}

function flagsOf(argv: readonly string[]): ReturnType<typeof parseArgs<{ options: typeof options }>>["values"] {
  try {
    return parseArgs({ args: [...argv], options }).values;
  } catch (error) {
    throw errorAt("flags", argv.join(" "), `cannot be understood (${describeError(error)})`);
  }
}

function identityOf(env: NodeJS.ProcessEnv): Identity {
  const given = withoutEmpty(env);
  return {
    pod: given["POD_NAME"] ?? given["HOSTNAME"] ?? hostname(),
    namespace: given["POD_NAMESPACE"] ?? "",
    node: given["NODE_NAME"] ?? null,
    // An empty one means: no GPU.
    cudaVisibleDevices: env["CUDA_VISIBLE_DEVICES"] ?? null,
    nvidiaVisibleDevices: given["NVIDIA_VISIBLE_DEVICES"] ?? null,
    enforcedBy: given["GPU_ENFORCED_BY"] ?? null,
  };
}

function withoutEmpty(env: NodeJS.ProcessEnv): Readonly<Record<string, string | undefined>> {
  return Object.fromEntries(Object.entries(env).filter(([, value]) => value !== ""));
}
