import { type GpuNode, type GpuPod, isProfile, wholeMilli } from "@walras/controller/gpu";
import { errorAt, parseWith } from "@walras/kit";
import { z } from "zod";

const amount = z.number().int().min(0).max(1e9);
const gpuCount = z.number().int().min(0).max(1024);
const name = z.string().min(1);
const profile = z.string().refine(isProfile, "is not a MIG profile such as 1g.10gb");
/** As many as an agent may tell of. */
const mostInstances = 16;

const nodesSchema = z.array(
  z.strictObject({
    name,
    cpuMilli: amount,
    memoryMiB: amount,
    gpus: gpuCount,
    model: z.string().default(""),
    mig: z.array(z.strictObject({ gpu: gpuCount, profiles: z.array(profile).min(1).max(mostInstances) })).optional(),
  }),
);

const podsSchema = z.array(
  z.strictObject({
    name,
    cpuMilli: amount.default(0),
    memoryMiB: amount.default(0),
    gpus: gpuCount.optional(),
    gpuMilli: z.number().int().min(0).max(wholeMilli).optional(),
    models: z.array(name).default([]),
    mig: profile.optional(),
    priority: z
      .number()
      .int()
      .min(-(2 ** 31))
      .max(2 ** 31)
      .optional(),
    preemptionPolicy: z.enum(["Never", "PreemptLowerPriority"]).optional(),
  }),
);

type PodInput = z.output<typeof podsSchema>[number];

/** Nodes of a file. @throws FieldError naming file, index, field and value */
export function readNodes(input: unknown, file: string): GpuNode[] {
  const nodes = parseWith(nodesSchema, input, file);
  refuseTwins(nodes, file);
  return nodes.map(({ mig, ...node }, index) => (mig ? withInstances(node, mig, `${file}.${index}.mig`) : node));
}

/** Pods of a file, in order of arrival. A request that is not made is none. @throws FieldError naming file, index, field and value */
export function readPods(input: unknown, file: string): GpuPod[] {
  const pods = parseWith(podsSchema, input, file);
  refuseTwins(pods, file);
  return pods.map((pod, index) => podOf(pod, `${file}.${index}`));
}

function podOf({ preemptionPolicy, mig, priority, ...pod }: PodInput, origin: string): GpuPod {
  const share = shareOf(pod, origin);
  if (mig !== undefined && share.gpus > 0)
    throw errorAt(`${origin}.mig`, mig, `goes with gpus 0, and this pod has ${share.gpus}`);
  return {
    ...pod,
    ...share,
    ...(mig === undefined ? {} : { mig }),
    ...(priority === undefined ? {} : { priority }),
    ...(preemptionPolicy === "Never" ? { preempts: false } : {}),
  };
}

interface MigInput {
  readonly gpu: number;
  readonly profiles: readonly string[];
}

/** A GPU with instances is given by these alone. */
function withInstances(node: GpuNode, mig: readonly MigInput[], origin: string): GpuNode {
  const seen = new Set<number>();
  mig.forEach(({ gpu }, index) => {
    if (gpu >= node.gpus || seen.has(gpu))
      throw errorAt(`${origin}.${index}.gpu`, gpu, "is no GPU of the node, or is named twice");
    seen.add(gpu);
  });
  const freeMilli = Array.from({ length: node.gpus }, (_, gpu) => (seen.has(gpu) ? 0 : wholeMilli));
  const instances = mig.flatMap(({ gpu, profiles }) => profiles.map((of, number) => ({ gpu, number, profile: of })));
  return { ...node, freeMilli, mig: instances };
}

/** Of a share alone one GPU is meant, of GPUs alone whole ones. */
function shareOf(
  { gpus: count, gpuMilli }: Pick<PodInput, "gpus" | "gpuMilli">,
  origin: string,
): Pick<GpuPod, "gpus" | "gpuMilli"> {
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
