import { readConfig } from "@walras/controller/config";
import { wire } from "@walras/controller/wire";
import { type Clock, describeError, Lifecycle, seededRng, silentLogger, VirtualClock } from "@walras/kit";
import { AgentConnection } from "@walras/node-agent";
import { CgroupVersion } from "@walras/proto";
import { type RunSummary, type Scenario, SimCluster } from "@walras/sim";

import { Tally, type Tallied } from "./tally.ts";
import { DirectDialer } from "./wire.ts";

/** What came of a scenario. */
export interface TrialResult extends Tallied {
  /** As it was, and as it would have been under the settings that the pods were created with. */
  readonly summary: RunSummary;
}

export interface TrialOptions {
  readonly scenario: Scenario;
  /** Flags of the controller. */
  readonly flags: readonly string[];
  readonly seconds: number;
  /** @param share done, 0..1 */
  readonly progress: (share: number) => void;
}

/** Sockets have no place on a clock that is moved by hand. */
const sockets = new Set(["ops server", "agent server"]);
const fixedFlags = ["--agent-auth=none", "--agent-address=127.0.0.1:0", "--identity=simulated", "--namespace=default"];

/**
 * Plays a scenario on the embedded cluster with the real controller and an
 * agent a node, in this process and as fast as it goes.
 *
 * @throws FieldError for flags that are not valid
 */
export async function playTrial({ scenario, flags, seconds, progress }: TrialOptions): Promise<TrialResult> {
  const clock = new VirtualClock();
  const cluster = new SimCluster({ scenario, clock });
  await cluster.start();
  const controller = await controllerOf(cluster, clock, [...fixedFlags, ...flags]);
  void controller.parts.start();
  const agents = agentsOf(cluster, clock, controller.host);
  for (const agent of agents) agent.start();
  const tally = new Tally(cluster);
  for (let second = 0; second < seconds; second += 1) {
    await clock.advance(1_000);
    tally.second();
    progress((second + 1) / seconds);
  }
  const result = { ...tally.sums(), summary: cluster.summary() };
  for (const agent of agents) agent.stop();
  await ended(controller.parts, cluster, clock);
  return result;
}

interface RunningController {
  readonly parts: Lifecycle;
  readonly host: NonNullable<Awaited<ReturnType<typeof wire>>["agents"]>;
}

async function controllerOf(cluster: SimCluster, clock: Clock, flags: readonly string[]): Promise<RunningController> {
  const controller = await wire(readConfig(flags, {}), {
    clock,
    rng: seededRng(1),
    logger: silentLogger,
    transport: cluster.transport("walras-controller"),
    onLost: () => undefined,
  });
  if (!controller.agents) throw new Error("the market serves no agents");
  const runnables = controller.runnables.filter(({ name }) => !sockets.has(name));
  return { parts: new Lifecycle(runnables, silentLogger), host: controller.agents };
}

function agentsOf(cluster: SimCluster, clock: Clock, host: RunningController["host"]): AgentConnection[] {
  return cluster.nodes.map(
    ({ facts: { name } }, index) =>
      new AgentConnection({
        dialer: new DirectDialer(host, clock),
        sampler: cluster.samplerOf(name),
        gpus: null,
        hello: {
          nodeName: name,
          bootId: "simulated",
          agentVersion: "simulated",
          cgroupVersion: CgroupVersion.CGROUP_VERSION_V2,
          pressureAvailable: true,
        },
        intervalMs: 1_000,
        clock,
        rng: seededRng(index + 2),
        logger: silentLogger,
      }),
  );
}

/** What stops on this clock stops while the clock goes on. */
async function ended(parts: Lifecycle, cluster: SimCluster, clock: VirtualClock): Promise<void> {
  const stopped = parts.stop().catch((error: unknown) => describeError(error));
  await clock.advance(longestStopMs);
  await stopped;
  await cluster.stop();
}

const longestStopMs = 30_000;
