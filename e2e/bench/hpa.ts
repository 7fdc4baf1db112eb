// A HorizontalPodAutoscaler on CPU utilisation over a step of load and back, with the market and without it, side by side.
import { join } from "node:path";

import { managedLabel } from "@walras/api";
import { seededRng } from "@walras/kit";
import { publishBench } from "@walras/kit/bench";

import { autoscalerOf, autoscalers } from "../harness/autoscalers.ts";
import type { Cluster } from "../harness/cluster.ts";
import { eventually, pause } from "../harness/wait.ts";
import { arrivalTimes } from "./kernel/arrivals.ts";
import { onBed } from "./kernel/bed.ts";
import { playArrivals } from "./kernel/openLoop.ts";
import type { Bed } from "./kernel/pods.ts";

const costMs = 10;
/** The step needs five replicas at the target. It ends so that no minute does while replicas go. */
const phases = [
  { seconds: 60, perSecond: 4 },
  { seconds: 165, perSecond: 26 },
  { seconds: 135, perSecond: 4 },
];
const seconds = phases.reduce((sum, phase) => sum + phase.seconds, 0);
const scaling = {
  least: 1,
  most: 8,
  percent: 60,
  behavior: { scaleDown: { stabilizationWindowSeconds: 30 } },
};
const minuteMs = 60_000;
const sides = ["without", "with"] as const;
const name = "shop";

const deployments = { apiVersion: "apps/v1", kind: "Deployment", plural: "deployments", namespaced: true } as const;
const services = { apiVersion: "v1", kind: "Service", plural: "services", namespaced: true } as const;

function deployment({ image, node }: Bed): { metadata: { name: string }; spec: object } {
  const resources = { requests: { cpu: "100m" }, limits: { cpu: "300m" } };
  const container = { name: "app", image, imagePullPolicy: "IfNotPresent", resources };
  const nodeSelector = { "kubernetes.io/hostname": node };
  const probe = { readinessProbe: { httpGet: { path: "/", port: 8080 }, periodSeconds: 2 } };
  return {
    metadata: { name },
    spec: {
      selector: { matchLabels: { app: name } },
      template: {
        metadata: { labels: { app: name } },
        spec: { nodeSelector, terminationGracePeriodSeconds: 0, containers: [{ ...container, ...probe }] },
      },
    },
  };
}

/** A Deployment, its Service and its autoscaler in a namespace of their own; answers where it serves. */
async function serve(bed: Bed, namespace: string, managed: boolean): Promise<string> {
  const { cluster } = bed;
  await cluster.createNamespace(namespace, { [managedLabel]: String(managed) });
  await cluster.create(deployments, namespace, deployment(bed));
  const spec = { selector: { app: name }, ports: [{ port: 80, targetPort: 8080 }] };
  await cluster.create(services, namespace, { metadata: { name }, spec });
  await cluster.create(autoscalers, namespace, { ...autoscalerOf(name, scaling) });
  await cluster.kubectl("-n", namespace, "rollout", "status", `deployment/${name}`, "--timeout=60s");
  const address = await cluster.kubectl("-n", namespace, "get", "service", name, "-o", "jsonpath={.spec.clusterIP}");
  await eventually(
    `metrics of ${namespace}`,
    () => cluster.kubectl("-n", namespace, "get", "hpa", name, "-o", "jsonpath={.status.currentMetrics}"),
    (metrics) => metrics.includes("averageUtilization"),
    120_000,
  );
  return `http://${address}`;
}

async function replicas(cluster: Cluster, namespace: string): Promise<number> {
  const text = await cluster.kubectl("-n", namespace, "get", "hpa", name, "-o", "jsonpath={.status.desiredReplicas}");
  return Number(text);
}

async function resizedPods(cluster: Cluster, namespace: string): Promise<number> {
  const pods = (await cluster.pods()).filter(({ metadata }) => metadata.namespace === namespace);
  return pods.reduce((sum, { metadata }) => sum + (metadata.generation ?? 1) - 1, 0);
}

await onBed("hpa", async (bed) => {
  const { cluster } = bed;
  const namespaces = sides.map((side) => `${bed.namespace}-${side}`);
  try {
    await bed.controlPlane.startMetrics();
    const urls = await Promise.all(namespaces.map((namespace, side) => serve(bed, namespace, side === 1)));
    const times = arrivalTimes({ arrivals: "poisson", seconds }, phases, seededRng(11));
    const arrivals = times.flatMap((atMs) => urls.map((_, target) => ({ atMs, target, costMs })));
    const playing = playArrivals(urls, arrivals, "anew");
    const rows: { minute: number; without: number; with: number; resizes: number }[] = [];
    for (let minute = 1; minute * minuteMs <= seconds * 1000; minute += 1) {
      await pause(minuteMs);
      const [without = NaN, own = NaN] = await Promise.all(namespaces.map((one) => replicas(cluster, one)));
      rows.push({ minute, without, with: own, resizes: await resizedPods(cluster, namespaces[1] ?? "") });
      console.log(JSON.stringify(rows.at(-1)));
    }
    await playing;
    publishBench(join(import.meta.dirname, "..", ".."), {
      name: "hpa",
      command: "pnpm bench hpa",
      rows,
      ratios: {
        replicasApart: Math.max(...rows.map((row) => Math.abs(row.with - row.without))),
        neverScaled: Math.max(...rows.map(({ without }) => without)) > 1 ? 0 : 1,
      },
    });
  } finally {
    for (const namespace of namespaces) await cluster.deleteNamespace(namespace);
    await bed.controlPlane.stopMetrics();
  }
});
