import { parseCpu } from "@walras/kit";
import { describe, expect, inject, it } from "vitest";

import type { PodView } from "../../harness/cluster.ts";
import { joinLoad, setCores } from "../../harness/load.ts";
import { enforced, type MarketBed } from "../../harness/marketBed.ts";
import type { ControllerProgram } from "../../harness/programs.ts";
import { eventually, pause } from "../../harness/wait.ts";

async function gauge(program: ControllerProgram, name: string): Promise<number> {
  const line = new RegExp(`^${name} (\\S+)$`, "m").exec(await program.metrics().catch(() => ""));
  return Number(line?.[1] ?? NaN);
}

/** Whether its node enforces the limit that it has. */
function isAsAsked(pod: PodView): boolean {
  return enforced(pod).limit === parseCpu(pod.spec.containers[0]?.resources?.limits?.cpu ?? "", "limit");
}

/** Programs that are killed, and a control plane that fails. */
export function faultsOfPrograms(bed: MarketBed): void {
  const { node, controller, agent, limitOf, outcomeOf } = bed;
  /** A load that lives within its limit of 300m, once the market looks after it. */
  const tended = async (name: string): Promise<PodView> => {
    const { cluster, namespace } = bed.stage;
    const pod = await joinLoad(cluster, { namespace, name, node, cores: 0.2, request: "20m", limit: "300m" });
    await eventually(
      "the market to say how it stands",
      () => outcomeOf(name),
      (outcome) => /^\w/.test(outcome),
      40_000,
    );
    return pod;
  };
  const raised = (name: string, aboveMilli: number): Promise<number> =>
    eventually(
      "a raise after the fault",
      () => limitOf(name).catch(() => 0),
      (milli) => milli > aboveMilli,
      60_000,
    );

  describe.skipIf(!inject("local"))("when a controller is killed while it applies", () => {
    it("pods keep what they have, and its successor goes on from there without loss", async () => {
      const { cluster, namespace } = bed.stage;
      const first = await controller();
      await agent(first);
      const names = ["one", "two", "three"];
      const pods = await Promise.all(
        names.map((name) => joinLoad(cluster, { namespace, name, node, cores: 0.3, request: "20m", limit: "60m" })),
      );
      await eventually(
        "the first raise",
        async () => Promise.all(names.map(limitOf)),
        (limits) => limits.some((limit) => limit > 60),
      );
      await first.kill("SIGKILL");
      // What the API server had taken already still arrives.
      await pause(1_000);
      await eventually(
        "all that was asked for",
        () => Promise.all(names.map((name) => cluster.pod(namespace, name))),
        (all) => all.every(isAsAsked),
      );
      const left = await Promise.all(names.map(limitOf));
      await pause(3_000);
      expect(await Promise.all(names.map(limitOf))).toEqual(left);

      const second = await controller();
      await agent(second);
      await eventually(
        "the successor to lead",
        () => gauge(second, "walras_leader"),
        (leads) => leads === 1,
        40_000,
      );
      await eventually(
        "every raise",
        async () => Promise.all(names.map(limitOf)),
        (limits) => limits.every((limit) => limit >= 250),
        40_000,
      );
      for (const pod of pods) {
        const allocation = await cluster.allocation(namespace, pod.metadata.name);
        expect(allocation?.spec.containers?.[0]).toMatchObject({ declaredCPURequest: "20m", declaredCPULimit: "60m" });
        expect((await cluster.pod(namespace, pod.metadata.name)).status?.containerStatuses?.[0]?.restartCount).toBe(0);
      }
    });
  });

  describe.skipIf(!inject("local"))("when two controllers run", () => {
    it("one leads, and the other takes over when it is gone, with a higher epoch", async () => {
      const { cluster, namespace } = bed.stage;
      const first = await controller();
      await eventually(
        "the first to lead",
        () => gauge(first, "walras_leader"),
        (leads) => leads === 1,
      );
      const second = await controller();
      await agent(first, second);
      await eventually(
        "the agent to find the leader",
        () => gauge(first, "walras_agents"),
        (agents) => agents === 1,
      );
      expect(await gauge(second, "walras_leader")).not.toBe(1);
      await joinLoad(cluster, { namespace, name: "led", node, cores: 0.3, request: "20m", limit: "60m" });
      await eventually(
        "a raise",
        () => limitOf("led"),
        (limit) => limit > 200,
      );
      const epoch = await gauge(first, "walras_leader_epoch");
      await first.kill("SIGKILL");
      await eventually(
        "the second to lead",
        () => gauge(second, "walras_leader"),
        (leads) => leads === 1,
        40_000,
      );
      expect(await gauge(second, "walras_leader_epoch")).toBeGreaterThan(epoch);
      await eventually(
        "the agent to follow",
        () => gauge(second, "walras_agents"),
        (agents) => agents === 1,
        40_000,
      );
    });
  });

  describe.skipIf(!inject("local"))("when an agent is killed", () => {
    it("its pods hold, users are told, and a new agent goes on", async () => {
      const { cluster, namespace } = bed.stage;
      const leader = await controller();
      const first = await agent(leader);
      const pod = await joinLoad(cluster, { namespace, name: "held", node, cores: 0.4, request: "20m", limit: "60m" });
      const limit = await eventually(
        "a raise",
        () => limitOf("held"),
        (milli) => milli >= 350,
      );
      await first.kill("SIGKILL");
      await setCores(cluster, pod, 0);
      await pause(8_000);
      expect(await limitOf("held")).toBeGreaterThanOrEqual(limit);
      await eventually(
        "an Event",
        () => cluster.eventReasons("default", node),
        (reasons) => reasons.includes("AgentSilent"),
      );
      await agent(leader);
      await setCores(cluster, pod, 1.5);
      await raised("held", limit);
    });
  });

  describe.skipIf(!inject("local"))("when the control plane fails", () => {
    it("the controller outlives an API server that is killed", async () => {
      const { cluster, namespace } = bed.stage;
      const plane = cluster.target.controlPlane;
      if (!plane) return;
      const leader = await controller();
      await agent(leader);
      const pod = await tended("outlives");
      await plane.killApiServer();
      await setCores(cluster, pod, 0.6);
      await pause(2_000);
      await plane.startApiServer();
      await raised("outlives", 500);
      expect((await cluster.pod(namespace, "outlives")).status?.containerStatuses?.[0]?.restartCount).toBe(0);
    });

    it("nothing is lost when etcd stands still for 10 s", async () => {
      const { cluster } = bed.stage;
      const plane = cluster.target.controlPlane;
      if (!plane) return;
      const first = await controller();
      const second = await controller();
      await agent(first, second);
      const pod = await tended("still");
      await plane.pauseEtcd(10_000);
      await setCores(cluster, pod, 0.6);
      await raised("still", 500);
    });
  });
}
