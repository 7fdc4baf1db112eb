import { createLogger, type Logger, type Runnable, systemClock, systemRng } from "@walras/kit";
import { CgroupVersion, type Hello } from "@walras/proto";

import { type AgentConfig, gpuIntervalMs } from "./config.ts";
import { readInventory } from "./inventory.ts";
import { NvidiaReader } from "./nvidia/nvidiaReader.ts";
import { readBootId } from "./procfs/bootId.ts";
import { CgroupSampler } from "./sample/cgroupSampler.ts";
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

/** Puts the agent together. @throws FieldError where the machine is not one it can measure */
export async function wireAgent(config: AgentConfig): Promise<Agent> {
  const { cgroupRoot, procRoot, nodeBusy, intervalMs, controller, tlsServerName } = config;
  const logger = createLogger("walras-agent", config.logLevel);
  const observer = new TroubleLog(logger);
  const sampler = new CgroupSampler({ cgroupRoot, procRoot, nodeBusy, clock: systemClock, observer });
  const hello = await greet(config, sampler, logger);
  const dialer = new GrpcDialer({ target: controller, security: config, tlsServerName });
  const connection = new AgentConnection({
    dialer,
    sampler,
    hello,
    intervalMs,
    clock: systemClock,
    rng: systemRng,
    logger,
  });
  const files: Runnable = { name: "sampler", start: () => undefined, stop: () => sampler.close() };
  const gpus = readsGpus(config, logger);
  return { parts: [files, ...(gpus === null ? [] : [gpus]), connection], logger };
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
