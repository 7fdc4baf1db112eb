import { errorAt, parseQuantity, parseWith } from "@walras/kit";
import { z } from "zod";

import { readDemand } from "./demand.ts";
import type { PostureFlags } from "./flags.ts";
import type { Labels } from "./kinds.ts";

/** What the example's objects are made from. */
export interface PostureOptions {
  readonly namespace: string;
  /** How many ScaledJobs. */
  readonly jobs: number;
  readonly image: string;
  /** host:port where KEDA asks. */
  readonly scalerAddress: string;
  readonly broker: { readonly host: string; readonly port: number };
  /** For each loop of an analyzer: how many copies of its picture are analyzed. */
  readonly copies: string;
  /** Limit of each analyzer's memory. */
  readonly memory: string;
  /** More metadata of every trigger. */
  readonly demand: Labels;
}

const defaultMqttPort = 1883;
const mostPort = 65_535;
const mostJobs = 100;
const leastMemory = 2 ** 26;

const hostAndPort = /^([a-z0-9]([a-z0-9.-]*[a-z0-9])?)(?::(\d{1,5}))?$/i;

const namespaceSchema = z
  .string()
  .regex(/^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/, "lower-case letters, digits and -, at most 63");

const flagsSchema = z.object({
  "--namespace": namespaceSchema,
  "--jobs": z
    .string()
    .regex(/^\d{1,3}$/, "a whole number")
    .transform(Number)
    .pipe(z.number().min(1).max(mostJobs)),
  "--image": z.string().regex(/^[a-z0-9][\w./:@-]*$/i, "such as registry.example/posture:0.1.0"),
  "--copies": z.string().regex(/^[1-9]\d{0,6}(,[1-9]\d{0,6})*$/, "numbers above zero, with commas between them"),
});

/** @throws FieldError naming the option and its value */
export function readOptions(flags: PostureFlags): PostureOptions {
  const read = parseWith(
    flagsSchema,
    { "--namespace": flags.namespace, "--jobs": flags.jobs, "--image": flags.image, "--copies": flags.copies },
    "",
  );
  const scaler = readAddress(flags.scalerAddress, "--scaler-address");
  if (scaler.port === undefined) throw errorAt("--scaler-address", flags.scalerAddress, "names no port");
  const { host, port = defaultMqttPort } = readAddress(flags.broker, "--broker");
  return {
    namespace: read["--namespace"],
    jobs: read["--jobs"],
    image: read["--image"],
    copies: read["--copies"],
    scalerAddress: flags.scalerAddress,
    broker: { host, port },
    memory: readMemory(flags.memory),
    demand: readDemand(flags.demand),
  };
}

/** @throws FieldError naming the option and its value */
export function readNamespace(namespace: string): string {
  return parseWith(z.object({ "--namespace": namespaceSchema }), { "--namespace": namespace }, "")["--namespace"];
}

function readAddress(text: string, option: string): { readonly host: string; readonly port: number | undefined } {
  const [, host, , portText] = hostAndPort.exec(text) ?? [];
  if (host === undefined) throw errorAt(option, text, "is not host:port");
  const port = portText === undefined ? undefined : Number(portText);
  if (port !== undefined && !(port >= 1 && port <= mostPort))
    throw errorAt(option, text, `has no port up to ${mostPort}`);
  return { host, port };
}

/** A number without its unit is bytes, and a pod with so few never starts. */
function readMemory(text: string): string {
  if (!(parseQuantity(text, "--memory") >= leastMemory)) throw errorAt("--memory", text, "is less than 64Mi");
  return text;
}
