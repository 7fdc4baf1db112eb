import { writeFile } from "node:fs/promises";
import { join } from "node:path";

import { afterAll, beforeAll, describe, expect, inject, it } from "vitest";

import { outerAddress } from "../harness/address.ts";
import { autoscalerOf, autoscalers } from "../harness/autoscalers.ts";
import { controllerImage } from "../harness/images.ts";
import { IntentStage } from "../harness/intents.ts";
import { removePlannerAccount } from "../harness/plannerAccount.ts";
import type { ControllerProgram } from "../harness/programs.ts";
import { StandInPrometheus } from "../harness/prometheus.ts";
import { openStage, type Stage } from "../harness/stage.ts";
import { eventually, pause } from "../harness/wait.ts";

const manifest = join(import.meta.dirname, "..", "..", "deploy", "ido", "manifest.yaml");

let stage: Stage;
let prometheus: StandInPrometheus;
let intents: IntentStage;
let planner: ControllerProgram;

beforeAll(async () => {
  stage = await openStage("intents");
  prometheus = await StandInPrometheus.start();
  intents = new IntentStage(stage, prometheus);
  prometheus.measured(0.01, 1_000);
  const { controlPlane } = stage.cluster.target;
  await controlPlane?.loadImage("node1", await controllerImage("docker.io/library/walras-controller:0.1.0"));
});

afterAll(async () => {
  await removePlannerAccount(stage.cluster);
  await stage.close();
  prometheus.stop();
});

describe("the planner's manifest", () => {
  const run = (...args: readonly string[]): Promise<string> => stage.cluster.kubectl(...args);

  // From here on the same program runs on this machine, with the same rights.
  afterAll(async () => {
    await run("-n", "ido", "scale", "deployment", "planner", "--replicas=0");
    await eventually(
      "its pod to be gone",
      () => run("-n", "ido", "get", "pods", "-o", "name"),
      (names) => !names.includes("planner-"),
      60_000,
    );
  });

  it("is applied as the prototype's guide has it, and makes what it names", async () => {
    await run("create", "namespace", "ido");
    const credentials = ["--docker-server=ghcr.io", "--docker-username=me", "--docker-password=none"];
    const email = "--docker-email=not-used@example.com";
    await run("create", "secret", "docker-registry", "ghcr-secret", ...credentials, email, "-n", "ido");
    expect(await run("apply", "--dry-run=server", "-f", manifest)).toContain("deployment.apps/planner created");
    const applied = await run("apply", "-f", manifest);
    for (const made of [
      "configmap/planner-configmap",
      "configmap/planner-queries-configmap",
      "serviceaccount/planner-service-account",
      "clusterrole.rbac.authorization.k8s.io/planner-role",
      "clusterrolebinding.rbac.authorization.k8s.io/planner-role-binding",
      "service/plugin-manager-service",
      "deployment.apps/planner",
    ])
      expect(applied).toContain(`${made} created`);
    const path = "jsonpath={.imagePullSecrets[*].name}";
    expect(await run("-n", "ido", "get", "serviceaccount", "planner-service-account", "-o", path)).toBe("ghcr-secret");
    await eventually(
      "pod",
      () => run("get", "pods", "-n", "ido"),
      (text) => text.includes("planner-"),
    );
  });

  it.skipIf(!inject("local"))(
    "runs as it is, without MongoDB and Prometheus, and says what it does not know",
    async () => {
      const path = "jsonpath={.status.readyReplicas}";
      await eventually(
        "the planner's pod to be ready",
        () => run("-n", "ido", "get", "deployment", "planner", "-o", path),
        (ready) => ready === "1",
        90_000,
      );
      await intents.profile("early", "latency");
      await intents.serve("early", 1);
      await intents.intent("early", { early: 0.03 });
      const { verdict } = await eventually(
        "its word",
        () => intents.status("early"),
        (status) => status.verdict !== undefined,
        90_000,
      );
      expect(verdict).toBe("Unknown");
      expect(await intents.replicas("early")).toBe(1);
      await intents.forget("early");
    },
  );
});

describe("an Intent", () => {
  beforeAll(async () => {
    await intents.profile("p99", "latency");
    await intents.profile("rps", "throughput");
    await Promise.all([
      intents.serve("web", 2),
      intents.serve("small", 1),
      intents.serve("scaled", 1),
      intents.serve("plain", 1, { cpu: "" }),
      intents.serve("set", 1, { kind: "ReplicaSet" }),
    ]);
    const account = { namespace: "ido", name: "planner-service-account" };
    const args = [...(await intents.configured()), "--ops-host=0.0.0.0"];
    planner = await stage.programs.startController({ account, args });
  });

  it("whose objective is missed gets as many replicas as the model says, at once", async () => {
    prometheus.measured(0.04, 4_800);
    await intents.intent("web", { p99: 0.03, rps: 0 });
    await eventually(
      "replicas",
      () => intents.replicas("web"),
      (count) => count === 4,
    );
    const { lastPlan } = await eventually(
      "status",
      () => intents.status("web"),
      (status) => status.lastPlan?.outcome === "Done",
    );
    expect(lastPlan?.actions).toEqual([{ name: "scaleOut", properties: { factor: 2 } }]);
    prometheus.measured(0.029, 4_800);
    await eventually(
      "fulfilled",
      () => intents.status("web"),
      ({ verdict }) => verdict === "Fulfilled",
    );
    expect(await stage.cluster.eventReasons(stage.namespace, "web")).toContain("PlanExecuted");
    const explained = await stage.cluster.walras("intent", "explain", `${stage.namespace}/web`);
    expect(explained).toContain("scaleOut factor=2");
  });

  it("of which telemetry is cut is unknown, and nothing is done for it", async () => {
    prometheus.down = true;
    await eventually(
      "unknown",
      () => intents.status("web"),
      ({ verdict }) => verdict === "Unknown",
    );
    prometheus.measured(0.001, 10);
    await pause(15_000);
    expect(await intents.replicas("web")).toBe(4);
    prometheus.down = false;
  });

  it("gives back in one plan the pods that it does not need, and exactly those that it names", async () => {
    const before = (await intents.pods("web")).map(({ name }) => name);
    await eventually(
      "replicas",
      () => intents.replicas("web"),
      (count) => count === 1,
      60_000,
    );
    const { lastPlan } = await eventually(
      "status",
      () => intents.status("web"),
      (status) => status.lastPlan?.outcome !== "InProgress",
    );
    const named = (lastPlan?.actions ?? []).map(({ properties }) => properties["name"]);
    expect(named).toHaveLength(3);
    const left = await eventually(
      "pods",
      () => intents.pods("web"),
      (list) => list.length === 1,
    );
    expect(left.map(({ name }) => name)).toEqual(before.filter((name) => !named.includes(name)));
  });

  it("without a throughput is given CPU in place: no pod is restarted, and the template stays", async () => {
    prometheus.measured(0.032, 10);
    await intents.intent("small", { p99: 0.03 });
    const [pod] = await eventually(
      "CPU",
      () => intents.pods("small"),
      ([one]) => one?.cpuRequest === "300m",
    );
    expect([pod?.restarts, await intents.generation("small")]).toEqual([0, 1]);
    await intents.forget("small");
  });

  it("whose pods declare no CPU, which cannot be added in place, has it declared in the template", async () => {
    await intents.intent("plain", { p99: 0.03 });
    await eventually(
      "CPU",
      () => intents.pods("plain"),
      (pods) => pods.some(({ cpuRequest }) => cpuRequest === "200m"),
    );
    await intents.forget("plain");
  });

  it("of a ReplicaSet is served alike: a replica more, or CPU in place", async () => {
    await intents.intent("set", { p99: 0.03, rps: 0 }, "ReplicaSet");
    await eventually(
      "replicas",
      () => intents.replicas("set", "ReplicaSet"),
      (count) => count === 2,
    );
    await intents.forget("set");
    await intents.intent("set", { p99: 0.03 }, "ReplicaSet");
    await eventually(
      "CPU",
      () => intents.pods("set"),
      (pods) => pods.length > 0 && pods.every(({ cpuRequest }) => cpuRequest === "300m"),
    );
    prometheus.measured(0.02, 10);
  });

  it("is in conflict with an autoscaler of the same workload, which is named; replicas are left to it", async () => {
    const scaling = { least: 1, most: 3, percent: 90 };
    await stage.cluster.create(autoscalers, stage.namespace, autoscalerOf("scaled", scaling));
    await intents.intent("scaled", { p99: 0.001, rps: 0 });
    const { conditions = [] } = await eventually(
      "conflict",
      () => intents.status("scaled"),
      (status) => status.conditions?.some(({ type, status: is }) => type === "Conflict" && is === "True") ?? false,
    );
    const conflict = conditions.find(({ type }) => type === "Conflict");
    expect(conflict?.message).toContain(`HorizontalPodAutoscaler ${stage.namespace}/scaled`);
    expect(await intents.replicas("scaled")).toBe(1);
  });

  it("is shown with its last round to whoever may see pods, and to nobody else", async () => {
    const token = join(stage.programs.folder, "token");
    const url = planner.url.replace("127.0.0.1", outerAddress());
    const mine = ["intent", "explain", `${stage.namespace}/web`, "--view", url, "--token-file", token];
    await writeFile(token, await stage.cluster.kubectl("-n", "ido", "create", "token", "planner-service-account"));
    await expect(stage.cluster.walras(...mine)).rejects.toThrow("/intents");
    const admin = ["clusterrolebinding", "intents-view", "--clusterrole=cluster-admin"];
    await stage.cluster.kubectl("create", ...admin, `--serviceaccount=${stage.namespace}:default`);
    await writeFile(token, await stage.cluster.kubectl("-n", stage.namespace, "create", "token", "default"));
    expect(await stage.cluster.walras(...mine)).toContain("last round:");
    await stage.cluster.kubectl("delete", "clusterrolebinding", "intents-view");
  });

  it("is measured and counted", async () => {
    const metrics = await planner.metrics();
    expect(metrics).toMatch(/^walras_intents_executions_total\{verdict="Done"\} ([2-9]|[1-9]\d+)$/m);
    expect(metrics).toContain('walras_intents_queries_total{outcome="failed"}');
  });
});
