import { workloadProfileResource, type WorkloadProfileSpec } from "@walras/api";
import { getObject, KubeError } from "@walras/kube";
import { afterAll, beforeAll, describe, expect, inject, it } from "vitest";

import { loadDeployment } from "../harness/load.ts";
import type { ControllerProgram, Program } from "../harness/programs.ts";
import { openStage, type Stage } from "../harness/stage.ts";
import { eventually, pause } from "../harness/wait.ts";

const node = "node1";
const name = "sleeper";
let stage: Stage;
let controller: ControllerProgram;
let agent: Program;

async function begin(): Promise<void> {
  ({ controller, agent } = await stage.programs.startMarket(node));
}

async function end(): Promise<void> {
  await agent.kill("SIGTERM");
  await controller.kill("SIGTERM");
}

async function profile(): Promise<WorkloadProfileSpec | null> {
  const { cluster, namespace } = stage;
  try {
    const one = await getObject(cluster.transport, workloadProfileResource, { namespace, name: `deployment-${name}` });
    return (one as { readonly spec: WorkloadProfileSpec }).spec;
  } catch (error) {
    if (error instanceof KubeError && error.status === 404) return null;
    throw error;
  }
}

beforeAll(async () => {
  if (!inject("local")) return;
  stage = await openStage("remember");
  await begin();
});
afterAll(() => stage?.close());

describe.skipIf(!inject("local"))("what a Deployment has used", () => {
  it("is written down when the controller ends, and read by the next; its request has not fallen meanwhile", async () => {
    const { cluster, namespace } = stage;
    await loadDeployment(cluster, { namespace, name, node, cores: 0, request: "200m", limit: "400m" });
    // The first minute is start-up; the one after it is learnt.
    await pause(160_000);
    const pods = await cluster.kubectl("-n", namespace, "get", "pods", "-o", "jsonpath={..resources.requests.cpu}");
    expect(new Set(pods.split(" "))).toEqual(new Set(["200m"]));
    await end();
    const written = await profile();
    expect(written).toMatchObject({ workload: { kind: "Deployment", name }, trustPercent: 0 });
    expect(written?.containers[0]?.watchedMinutes).toBeGreaterThanOrEqual(1);
    await begin();
    await eventually(
      "profiles to be read",
      () => controller.log(),
      (log) => log.includes("workload profiles read"),
    );
    await eventually(
      "the workload to be known",
      () => controller.metrics(),
      (text) => /^walras_workload_profiles [1-9]/m.test(text),
      30_000,
    );
  }, 300_000);

  it("is forgotten when its owner takes it off the market", async () => {
    const { cluster, namespace } = stage;
    await cluster.kubectl("-n", namespace, "label", "pods", "--all", "mbcas.io/managed=false", "--overwrite");
    await eventually("its profile to go", profile, (found) => found === null, 30_000);
    await cluster.kubectl("-n", namespace, "delete", "deployment", name);
  });
});
