import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";

import { intentResource, type IntentStatus, kpiProfileResource } from "@walras/api";
import { silentLogger } from "@walras/kit";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { EmbeddedKnowledge } from "../../packages/controller/src/parts/intents/knowledge/embedded.ts";
import { autoscalerOf, autoscalers } from "../harness/autoscalers.ts";
import { StandInPrometheus } from "../harness/prometheus.ts";
import type { ControllerProgram } from "../harness/programs.ts";
import { openStage, type Stage } from "../harness/stage.ts";
import { eventually, pause } from "../harness/wait.ts";

const deploy = join(import.meta.dirname, "..", "..", "deploy");
const manifest = join(deploy, "ido", "manifest.yaml");
const deployments = { apiVersion: "apps/v1", kind: "Deployment", plural: "deployments", namespaced: true } as const;

let stage: Stage;
let prometheus: StandInPrometheus;
let planner: ControllerProgram;

/** The prototype's canonical model: what latency comes to by load and replicas. */
const model = {
  popt: [0.306355135, 0.193240314, 53.0816499, 0.0147372746],
  throughputScale: [0.00214390554, 0.99935682854],
  throughputRange: [0, 10_000],
  replicaRange: [1, 12],
};

async function learnt(folder: string): Promise<void> {
  const bounds = { mostBytes: 2 ** 24, mostEventsOfIntent: 1_000, keptMs: 86_400_000 };
  const base = new EmbeddedKnowledge({ folder, logger: silentLogger, ...bounds });
  await base.start();
  const { namespace } = stage;
  const named = { name: `${namespace}/web`, group: "scaling", profileName: `${namespace}/p99` };
  await base.learn({ ...named, static: true, timestamp: Date.now(), data: model });
  await base.stop();
}

async function configured(): Promise<readonly string[]> {
  const { folder } = stage.programs;
  const file = async (name: string, content: object): Promise<void> =>
    writeFile(join(folder, name), JSON.stringify(content));
  await mkdir(join(folder, "actuators"));
  const endpoint = `${prometheus.url}/api/v1/query`;
  await file("defaults.json", {
    controller: { controller_timeout: 2, plan_cache_ttl: 4_000, telemetry_endpoint: endpoint },
    planner: { stability: { stabilisation: 6, shrink_cool_down: 5, stale_after: 20 } },
  });
  await file("actuators/cpu_scale.json", { max_proactive_cpu: 1_000, cpu_max: 1_000 });
  const knowledge = join(folder, "knowledge");
  await learnt(knowledge);
  return [
    "--parts=intents",
    `--intents-config=${join(folder, "defaults.json")}`,
    `--intents-actuators=${join(folder, "actuators")}`,
    `--intents-knowledge=${knowledge}`,
  ];
}

async function serve(name: string, replicas: number): Promise<void> {
  const resources = { requests: { cpu: "100m" }, limits: { cpu: "100m" } };
  const { loadImage: image } = stage.cluster.target;
  const container = { name: "app", image, imagePullPolicy: "Never", args: ["0"], resources };
  await stage.cluster.create(deployments, stage.namespace, {
    metadata: { name },
    spec: {
      replicas,
      selector: { matchLabels: { app: name } },
      template: {
        metadata: { labels: { app: name } },
        spec: { terminationGracePeriodSeconds: 0, containers: [container] },
      },
    },
  });
  await stage.cluster.kubectl("-n", stage.namespace, "rollout", "status", `deployment/${name}`, "--timeout=60s");
}

async function profile(name: string, type: string): Promise<void> {
  const props = { endpoint: `${prometheus.url}/api/v1/query` };
  const spec = { type, query: name, minimize: type === "latency", props };
  await stage.cluster.create(kpiProfileResource, stage.namespace, { metadata: { name }, spec });
}

async function intent(name: string, objectives: Readonly<Record<string, number>>): Promise<void> {
  const { namespace } = stage;
  await stage.cluster.create(intentResource, namespace, {
    metadata: { name },
    spec: {
      targetRef: { kind: "Deployment", name: `${namespace}/${name}` },
      priority: 1,
      objectives: Object.entries(objectives).map(([kpi, value]) => ({
        name: kpi,
        value,
        measuredBy: `${namespace}/${kpi}`,
      })),
    },
  });
}

async function status(name: string): Promise<IntentStatus> {
  const text = await stage.cluster.kubectl("-n", stage.namespace, "get", "intent", name, "-o=json");
  return (JSON.parse(text) as { readonly status?: IntentStatus }).status ?? {};
}

async function replicas(name: string): Promise<number> {
  const path = "jsonpath={.spec.replicas}";
  return Number(await stage.cluster.kubectl("-n", stage.namespace, "get", "deployment", name, "-o", path));
}

/** Name, CPU request and restarts of each pod. */
async function pods(
  name: string,
): Promise<readonly { readonly name: string; readonly cpu: string; readonly restarts: number }[]> {
  const text = await stage.cluster.kubectl("-n", stage.namespace, "get", "pods", "-l", `app=${name}`, "-o=json");
  const { items } = JSON.parse(text) as { readonly items: readonly Parameters<typeof shown>[0][] };
  return items.map(shown);
}

function shown({
  metadata,
  spec,
  status: state,
}: {
  readonly metadata: { readonly name: string };
  readonly spec: {
    readonly containers: readonly { readonly resources?: { readonly requests?: { readonly cpu?: string } } }[];
  };
  readonly status?: { readonly containerStatuses?: readonly { readonly restartCount: number }[] };
}) {
  const cpu = spec.containers[0]?.resources?.requests?.cpu ?? "";
  return { name: metadata.name, cpu, restarts: state?.containerStatuses?.[0]?.restartCount ?? 0 };
}

function measured(p99: number, rps: number): void {
  prometheus.values.set("p99", p99);
  prometheus.values.set("rps", rps);
}

beforeAll(async () => {
  stage = await openStage("intents");
  prometheus = await StandInPrometheus.start();
  measured(0.01, 1_000);
}, 120_000);

afterAll(async () => {
  await stage.cluster.kubectl("delete", "namespace", "ido", "--wait=false", "--ignore-not-found");
  await stage.close();
  prometheus.stop();
});

describe("the planner's manifest", () => {
  it("is applied as the prototype's guide has it, and makes what it names", async () => {
    const { kubectl } = stage.cluster;
    const run = (...args: readonly string[]): Promise<string> => kubectl.call(stage.cluster, ...args);
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
    expect(await run("get", "pods", "-n", "ido")).toContain("planner-");
    // The image is at a registry that is not here: the same program runs on this machine, with the same rights.
    await run("-n", "ido", "scale", "deployment", "planner", "--replicas=0");
  }, 60_000);
});

describe("an Intent", () => {
  beforeAll(async () => {
    await profile("p99", "latency");
    await profile("rps", "throughput");
    await Promise.all([serve("web", 2), serve("small", 1), serve("scaled", 1)]);
    const account = { namespace: "ido", name: "planner-service-account" };
    planner = await stage.programs.startController({ account, args: await configured() });
  }, 180_000);

  it("whose objective is missed gets as many replicas as the model says, at once", async () => {
    measured(0.04, 4_800);
    await intent("web", { p99: 0.03, rps: 0 });
    await eventually(
      "replicas",
      () => replicas("web"),
      (count) => count === 4,
    );
    const told = await eventually(
      "status",
      () => status("web"),
      ({ lastPlan }) => lastPlan?.outcome === "Done",
    );
    expect(told.lastPlan?.actions).toEqual([{ name: "scaleOut", properties: { factor: 2 } }]);
    measured(0.029, 4_800);
    await eventually(
      "fulfilled",
      () => status("web"),
      ({ verdict }) => verdict === "Fulfilled",
    );
    expect(await stage.cluster.eventReasons(stage.namespace, "web")).toContain("PlanExecuted");
    const explained = await stage.cluster.walras("intent", "explain", `${stage.namespace}/web`);
    expect(explained).toContain("scaleOut factor=2");
  }, 90_000);

  it("of which telemetry is cut is unknown, and nothing is done for it", async () => {
    prometheus.down = true;
    await eventually(
      "unknown",
      () => status("web"),
      ({ verdict }) => verdict === "Unknown",
    );
    measured(0.001, 10);
    await pause(15_000);
    expect(await replicas("web")).toBe(4);
    prometheus.down = false;
  }, 90_000);

  it("gives back in one plan the pods that it does not need, and exactly those that it names", async () => {
    const before = (await pods("web")).map(({ name }) => name);
    await eventually(
      "replicas",
      () => replicas("web"),
      (count) => count === 1,
      60_000,
    );
    const { lastPlan } = await eventually(
      "status",
      () => status("web"),
      (one) => one.lastPlan?.outcome !== "InProgress",
    );
    const named = (lastPlan?.actions ?? []).map(({ properties }) => properties["name"]);
    expect(named).toHaveLength(3);
    const left = await eventually(
      "pods",
      () => pods("web"),
      (list) => list.length === 1,
    );
    expect(left.map(({ name }) => name)).toEqual(before.filter((name) => !named.includes(name)));
  }, 120_000);

  it("without a throughput is given CPU in place: no pod is restarted, and the template stays", async () => {
    measured(0.032, 10);
    await intent("small", { p99: 0.03 });
    const [pod] = await eventually(
      "CPU",
      () => pods("small"),
      ([one]) => one?.cpu === "200m",
    );
    expect(pod?.restarts).toBe(0);
    const path = "jsonpath={.metadata.generation}";
    expect(await stage.cluster.kubectl("-n", stage.namespace, "get", "deployment", "small", "-o", path)).toBe("1");
    measured(0.02, 10);
  }, 90_000);

  it("is in conflict with an autoscaler of the same workload, which is named; replicas are left to it", async () => {
    const scaling = { least: 1, most: 3, percent: 90 };
    await stage.cluster.create(autoscalers, stage.namespace, autoscalerOf("scaled", scaling));
    await intent("scaled", { p99: 0.001, rps: 0 });
    const told = await eventually(
      "conflict",
      () => status("scaled"),
      ({ conditions = [] }) => conditions.some(({ type, status: is }) => type === "Conflict" && is === "True"),
    );
    const conflict = told.conditions?.find(({ type }) => type === "Conflict");
    expect(conflict?.message).toContain(`HorizontalPodAutoscaler ${stage.namespace}/scaled`);
    expect(await replicas("scaled")).toBe(1);
  }, 60_000);

  it("is measured and counted", async () => {
    const metrics = await planner.metrics();
    expect(metrics).toMatch(/^walras_intents_executions_total\{verdict="Done"\} [2-9]/m);
    expect(metrics).toContain('walras_intents_queries_total{outcome="failed"}');
  });
});
