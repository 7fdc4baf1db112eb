import { silentLogger, systemClock, systemRng } from "@walras/kit";
import { AgentConnection, type GpuSource, GrpcDialer } from "@walras/node-agent";
import { CgroupVersion } from "@walras/proto";
import type { SimCluster } from "@walras/sim";

interface AgentExtras {
  /** What it shows of itself; nothing where not given. */
  readonly tokenFile?: string;
  readonly gpus?: GpuSource;
}

/** The real agent of a simulated node, on its way to a controller on this machine. */
export function agentOf(
  cluster: SimCluster,
  nodeName: string,
  port: number,
  { tokenFile, gpus }: AgentExtras = {},
): AgentConnection {
  const security = { insecure: true, ...(tokenFile === undefined ? {} : { tokenFile }) } as const;
  const version = CgroupVersion.CGROUP_VERSION_V2;
  return new AgentConnection({
    dialer: new GrpcDialer({ target: `ipv4:127.0.0.1:${port}`, security }),
    sampler: cluster.samplerOf(nodeName),
    gpus: gpus ?? null,
    hello: { nodeName, bootId: "b", agentVersion: "test", cgroupVersion: version, pressureAvailable: true },
    intervalMs: 1_000,
    clock: systemClock,
    rng: systemRng,
    logger: silentLogger,
  });
}
