import { z } from "zod";

const name = z.string().max(256);
const mostGpus = 256;
const mostProcesses = 1024;

const gpu = z.object({
  /** As nvidia-smi counts; by bus address where it is not there. */
  index: z.number().int().min(0),
  uuid: name,
  model: name,
});

const gpuProcess = z.object({ gpu: name, pid: z.number().int().min(0), name });

/** What a pod of the check sees from inside. A peer's word: everything in it is bounded. */
export const sightSchema = z.object({
  pod: name,
  namespace: name,
  /** As the kubelet says; null: nobody told. */
  node: name.nullable(),
  /** null: the variable is not there, which is not the same as an empty one. */
  cudaVisibleDevices: z.string().max(4096).nullable(),
  /** Who keeps the pod from other GPUs: dra, device-plugin, env; null: nobody said. */
  enforcedBy: name.nullable(),
  /** What NVIDIA's runtime was told to show the container; null: nothing. */
  nvidiaVisibleDevices: z.string().max(4096).nullable(),
  /** null: nothing in the container tells. */
  gpus: z.array(gpu).max(mostGpus).nullable(),
  source: z.enum(["nvidia-smi", "proc"]).nullable(),
  /** Numbers of /dev/nvidia0 and so on. */
  deviceFiles: z.array(z.number().int().min(0)).max(mostGpus),
  /** Those that compute on the GPUs seen; null: not known. */
  processes: z.array(gpuProcess).max(mostProcesses).nullable(),
  /** Why nothing or only part is known; null: all is well, or there is no driver at all. */
  trouble: z.string().max(1024).nullable(),
  /** Since the devices were read. */
  ageMs: z.number().min(0),
});

export type Sight = Readonly<z.infer<typeof sightSchema>>;
export type SeenGpu = Readonly<z.infer<typeof gpu>>;
export type SeenProcess = Readonly<z.infer<typeof gpuProcess>>;
