import { type GpuNode, type GpuPod, wholeMilli } from "@walras/controller/gpu";
import { errorAt, parseWith } from "@walras/kit";
import { z } from "zod";

const amount = z.number().int().min(0).max(1e9);
const gpuCount = z.number().int().min(0).max(1024);
const name = z.string().min(1);

const nodesSchema = z.array(
  z.strictObject({ name, cpuMilli: amount, memoryMiB: amount, gpus: gpuCount, model: z.string().default("") }),
);

const podsSchema = z.array(
  z.strictObject({
    name,
    cpuMilli: amount.default(0),
    memoryMiB: amount.default(0),
    gpus: gpuCount.optional(),
    gpuMilli: z.number().int().min(0).max(wholeMilli).optional(),
    models: z.array(name).default([]),
  }),
);

type PodInput = z.output<typeof podsSchema>[number];

/** Nodes of a file. @throws FieldError naming file, index, field and value */
export function readNodes(input: unknown, file: string): GpuNode[] {
  const nodes = parseWith(nodesSchema, input, file);
  refuseTwins(nodes, file);
  return nodes;
}

/** Pods of a file, in order of arrival. A request that is not made is none. @throws FieldError naming file, index, field and value */
export function readPods(input: unknown, file: string): GpuPod[] {
  const pods = parseWith(podsSchema, input, file);
  refuseTwins(pods, file);
  return pods.map((pod, index) => ({ ...pod, ...shareOf(pod, `${file}.${index}`) }));
}

/** Of a share alone one GPU is meant, of GPUs alone whole ones. */
function shareOf({ gpus: count, gpuMilli }: PodInput, origin: string): Pick<GpuPod, "gpus" | "gpuMilli"> {
  const gpus = count ?? (gpuMilli ? 1 : 0);
  const usual = gpus === 0 ? 0 : wholeMilli;
  if (gpuMilli === undefined || gpuMilli === usual) return { gpus, gpuMilli: usual };
  const complaint = gpus === 1 ? `is not from 1 to ${wholeMilli}` : `goes with gpus 1, and this pod has ${gpus}`;
  if (gpus !== 1 || gpuMilli === 0) throw errorAt(`${origin}.gpuMilli`, gpuMilli, complaint);
  return { gpus, gpuMilli };
}

function refuseTwins(list: readonly { readonly name: string }[], file: string): void {
  const seen = new Map<string, number>();
  list.forEach(({ name: own }, index) => {
    const before = seen.get(own);
    if (before !== undefined) throw errorAt(`${file}.${index}.name`, own, `is the name of ${before} already`);
    seen.set(own, index);
  });
}
