import { createLogger, type Logger, type Runnable, systemClock, systemRng } from "@walras/kit";
import { CgroupVersion, type Hello } from "@walras/proto";

import { type AgentConfig, gpuIntervalMs } from "./config.ts";
import { readInventory } from "./inventory.ts";
import { NvidiaReader } from "./nvidia/nvidiaReader.ts";
import type { GpuReader } from "./nvidia/gpuState.ts";
import { KubeletPodResources } from "./podresources/client.ts";
import { pollPodResources } from "./podresources/poll.ts";
import { readBootId } from "./procfs/bootId.ts";
import { CgroupSampler } from "./sample/cgroupSampler.ts";
import { GpuSampler } from "./sample/gpuSampler.ts";
import { nothingYet } from "./sample/sampler.ts";
import { TroubleLog } from "./sample/troubleLog.ts";
import { AgentConnection } from "./session/agentConnection.ts";
import { GrpcDialer } from "./session/grpcDialer.ts";
import { version } from "./version.ts";

const cgroupVersions = {
  v1: CgroupVersion.CGROUP_VERSION_V1,
  v2: CgroupVersion.CGROUP_VERSION_V2,
  hybrid: CgroupVersion.CGROUP_VERSION_HYBRID,
} as const;

export interface Agent {
  readonly parts: readonly Runnable[];
  readonly logger: Logger;
}

/**
 * Puts the agent together.
 *
 * @param gpuReader in place of the one that the flags want; null: nothing is told of GPUs
 * @throws FieldError where the machine is not one it can measure
 */
export async function wireAgent(config: AgentConfig, gpuReader?: (GpuReader & Runnable) | null): Promise<Agent> {
  const { cgroupRoot, procRoot, nodeBusy, intervalMs, controller, tlsServerName } = config;
  const logger = createLogger("walras-agent", config.logLevel);
  const observer = new TroubleLog(logger);
  const sampler = new CgroupSampler({ cgroupRoot, procRoot, nodeBusy, clock: systemClock, observer });
  const hello = await greet(config, sampler, logger);
  const reader = gpuReader === undefined ? readsGpus(config, logger) : gpuReader;
  const gpus = reader && wireGpus(config, reader, logger);
  const dialer = new GrpcDialer({ target: controller, security: config, tlsServerName });
  const connection = new AgentConnection({
    dialer,
    sampler,
    hello,
    gpus: gpus?.sampler ?? null,
    intervalMs,
    clock: systemClock,
    rng: systemRng,
    logger,
  });
  const files: Runnable = { name: "sampler", start: () => undefined, stop: () => sampler.close() };
  // Nobody waits for a driver or a kubelet to be told of CPU.
  return { parts: [files, connection, ...(gpus?.parts ?? [])], logger };
}

/** Null where it is told to look for none. */
function readsGpus(config: AgentConfig, logger: Logger): NvidiaReader | null {
  const { nvidiaSmi, procRoot } = config;
  if (nvidiaSmi === "none") return null;
  return new NvidiaReader({
    program: nvidiaSmi,
    env: process.env,
    procRoot,
    intervalMs: gpuIntervalMs(config),
    clock: systemClock,
    rng: systemRng,
    logger,
  });
}

/** The reader runs first: without a GPU the kubelet is not asked. */
function wireGpus(
  { podResources, procRoot }: AgentConfig,
  reader: GpuReader & Runnable,
  logger: Logger,
): { readonly sampler: GpuSampler; readonly parts: readonly Runnable[] } {
  const resources = new KubeletPodResources(podResources);
  const wanted = (): boolean => (reader.latest()?.gpus.length ?? 0) > 0;
  const kubelet = pollPodResources({ resources, wanted, clock: systemClock, logger });
  const socket: Runnable = { name: "kubelet's socket", start: () => undefined, stop: () => resources.close() };
  return {
    sampler: new GpuSampler({ reader, kubelet, procRoot, clock: systemClock }),
    parts: [reader, socket, kubelet],
  };
}

async function greet({ nodeName, procRoot }: AgentConfig, sampler: CgroupSampler, logger: Logger): Promise<Hello> {
  sampler.sample(nothingYet);
  return {
    nodeName,
    bootId: readBootId(procRoot),
    agentVersion: version,
    cgroupVersion: cgroupVersions[sampler.hierarchy.cgroup],
    pressureAvailable: sampler.pressureAvailable(),
    inventory: await readInventory(procRoot, systemClock, logger),
  };
}
