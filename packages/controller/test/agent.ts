import { silentLogger, systemClock, systemRng } from "@walras/kit";
import { AgentConnection, GrpcDialer } from "@walras/node-agent";
import { CgroupVersion } from "@walras/proto";
import type { SimCluster } from "@walras/sim";

/** The real agent of a simulated node, on its way to a controller on this machine. @param tokenFile what it shows, where it shows something */
export function agentOf(cluster: SimCluster, nodeName: string, port: number, tokenFile?: string): AgentConnection {
  const security = { insecure: true, ...(tokenFile === undefined ? {} : { tokenFile }) } as const;
  const version = CgroupVersion.CGROUP_VERSION_V2;
  return new AgentConnection({
    dialer: new GrpcDialer({ target: `ipv4:127.0.0.1:${port}`, security }),
    sampler: cluster.samplerOf(nodeName),
    hello: { nodeName, bootId: "b", agentVersion: "test", cgroupVersion: version, pressureAvailable: true },
    intervalMs: 1_000,
    clock: systemClock,
    rng: systemRng,
    logger: silentLogger,
  });
}
