import { join } from "node:path";

import { describe, expect, it } from "vitest";

import { build, type Manifest } from "./load.ts";
import { type Endpoint, lets, networkPolicies, type Target } from "./networkPolicy.ts";
import { portsOf, type Workload, workloads } from "./pods.ts";

const deploy = join(import.meta.dirname, "..", "..", "deploy");

const controller = await build(join(deploy, "kustomize"), ["parts/batch", "parts/eviction", "parts/dashboard"]);
const market = await build(join(deploy, "kustomize"));
const scaler = await build(join(deploy, "batch"), ["eviction"]);
const carla = await build(join(deploy, "carla"));
const ido = await build(join(deploy, "ido"), ["mongodb"]);
const posture = await build(join(deploy, "examples", "posture"));
const everything: readonly Manifest[] = [...controller, ...scaler, ...carla, ...ido, ...posture];

/** Who asks, wherever in a cluster. */
const askers: Readonly<Record<string, Endpoint>> = {
  agent: podsOf("walras-agent"),
  controller: podsOf("walras-controller"),
  scaler: podsOf("posture-external-scaler"),
  carla: podsOf("carla-scheduler"),
  analyzer: podsOf("posture-analyzer-job-0"),
  planner: podsOf("planner"),
  actuator: { namespace: "ido", labels: { "app.kubernetes.io/name": "scaleout" } },
  keda: { namespace: "keda", labels: { app: "keda-operator" } },
  "keda's others": { namespace: "keda", labels: { app: "keda-metrics-apiserver" } },
  prometheus: { namespace: "monitoring", namespaceLabels: { "walras.io/scrapes": "true" }, labels: {} },
  proxy: { namespace: "ingress", namespaceLabels: { "walras.io/dashboard": "true" }, labels: {} },
  "a stranger": { namespace: "shop", labels: { app: "cart" } },
  "one who poses as an agent": { namespace: "shop", labels: { "app.kubernetes.io/name": "walras-agent" } },
  "one who poses as KEDA": { namespace: "shop", labels: { app: "keda-operator" } },
  "one who poses as the scaler": { namespace: "shop", labels: { "app.kubernetes.io/name": "posture-external-scaler" } },
  camera: { namespace: "cameras", labels: {} },
};

/** The example's broker is its user's; its port is named by our configuration. */
const broker: Target = {
  namespace: "posture",
  labels: { "app.kubernetes.io/name": "mosquitto" },
  ports: [{ containerPort: 1883 }],
};

/** Who may reach which port of whom; nobody else may, and no port is left out. */
const flows: readonly { readonly to: string; readonly port: number; readonly from: readonly string[] }[] = [
  { to: "walras-controller", port: 8443, from: ["agent"] },
  { to: "walras-controller", port: 9090, from: ["prometheus", "scaler"] },
  { to: "walras-controller", port: 8080, from: ["keda"] },
  { to: "walras-controller", port: 8090, from: ["proxy"] },
  { to: "posture-external-scaler", port: 8080, from: ["keda"] },
  { to: "posture-external-scaler", port: 8088, from: ["prometheus"] },
  { to: "carla-scheduler", port: 8000, from: ["prometheus"] },
  { to: "planner", port: 33_333, from: ["planner", "actuator"] },
  { to: "planner", port: 8080, from: ["prometheus"] },
  { to: "planner-mongodb", port: 27_017, from: ["planner"] },
];

function podsOf(name: string): Workload & Target {
  const found = workloads(everything).find((workload) => workload.name === name);
  if (found === undefined) throw new Error(`no workload ${name}`);
  return { ...found, ports: portsOf(found) };
}

const reaching = (to: Target, port: number): readonly string[] =>
  Object.keys(askers).filter((name) => {
    const asker = askers[name];
    return asker !== undefined && lets(networkPolicies(everything), asker, to, port);
  });

describe("the shipped NetworkPolicies", () => {
  it.each(flows)("let $from reach port $port of $to, and nobody else", ({ to, port, from }) => {
    expect(reaching(podsOf(to), port)).toEqual(Object.keys(askers).filter((name) => from.includes(name)));
  });

  it("let everybody reach the example's broker, which asks who they are, on its one port", () => {
    expect(reaching(broker, 1883)).toEqual(Object.keys(askers));
    expect(reaching(broker, 9001)).toEqual([]);
  });

  it("let nobody reach a port of ours that is not in the table", () => {
    const others = [22, 80, 443, 10_250];
    for (const workload of workloads(everything))
      for (const port of others) expect(reaching({ ...workload, ports: portsOf(workload) }, port)).toEqual([]);
  });

  it("let nobody reach what serves nothing", () => {
    for (const name of ["walras-agent", "posture-analyzer-job-0"]) {
      expect(portsOf(podsOf(name))).toEqual([]);
      expect(reaching(podsOf(name), 8443)).toEqual([]);
    }
  });

  it("keep the port of a part closed that is not on", () => {
    const pods = workloads(market).find(({ name }) => name === "walras-controller");
    const keda = askers["keda"];
    if (pods === undefined || keda === undefined) throw new Error("no controller, or no KEDA");
    expect(lets(networkPolicies(market), keda, { ...pods, ports: portsOf(pods) }, 8080)).toBe(false);
  });

  it("select all pods of every namespace that we make", () => {
    const namespaces = everything.filter(({ kind }) => kind === "Namespace").map(({ metadata }) => metadata.name);
    const closed = networkPolicies(everything)
      .filter(({ spec }) => Object.keys(spec.podSelector).length === 0 && spec.ingress === undefined)
      .map(({ metadata }) => metadata.namespace);
    expect(new Set(closed)).toEqual(new Set(namespaces));
  });
});

describe("the table of flows", () => {
  it("names every port of every container", () => {
    const listening = workloads(everything).flatMap((workload) =>
      portsOf(workload).map(({ containerPort }) => `${workload.name}:${containerPort}`),
    );
    expect(flows.map(({ to, port }) => `${to}:${port}`).toSorted()).toEqual(listening.toSorted());
  });

  it("names every port of every Service, under a container that has it", () => {
    type Service = Manifest & {
      readonly spec: {
        readonly selector: Readonly<Record<string, string>>;
        readonly ports: readonly { readonly port: number; readonly targetPort?: number }[];
      };
    };
    const services = everything.filter((object): object is Service => object.kind === "Service");
    const served = services.flatMap(({ spec }) =>
      spec.ports.map(({ port, targetPort = port }) => `${spec.selector["app.kubernetes.io/name"]}:${targetPort}`),
    );
    expect(served.length).toBeGreaterThan(0);
    expect(served.filter((one) => !flows.some(({ to, port }) => one === `${to}:${port}`))).toEqual([]);
  });
});
