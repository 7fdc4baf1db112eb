import { readFile } from "node:fs/promises";
import { join } from "node:path";

import { describe, expect, it } from "vitest";
import { parse } from "yaml";

import { readMap } from "../../packages/gpu-check/src/collect/readMap.ts";
import { lets, networkPolicies } from "../manifests/networkPolicy.ts";
import { portsOf, workloads } from "../manifests/pods.ts";
import { grantsOf, shown } from "../manifests/roles.ts";
import { compact, type Definition } from "./compact.ts";
import { complainOf, shown as shownFinding } from "./finding.ts";
import type { Map, Source } from "./model.ts";
import { checkSchema } from "./schema.ts";
import { find, helm, rendered, root, shippedBut } from "./testing.ts";

const everything = [...(await rendered("gpu-scheduler-chart")), ...(await rendered("gpu-scheduler-check-chart"))];

async function userOf(dockerfile: string): Promise<string | undefined> {
  return /^USER (\d+):\1$/m.exec(await readFile(join(root, dockerfile), "utf8"))?.[1];
}

describe("the Applications", () => {
  it("sync by themselves, prune, heal, and try again five times", async () => {
    const sets = (await shippedBut()).filter(({ object }) => object.kind === "ApplicationSet");
    expect(sets).toHaveLength(3);
    for (const { object } of sets) {
      const { generators, template } = object["spec"] as {
        generators: unknown;
        template: { spec: { syncPolicy: Map } };
      };
      expect(generators).toEqual([{ clusters: { selector: { matchLabels: { environment: "gpu-enabled" } } } }]);
      expect(template.spec.syncPolicy).toMatchObject({
        automated: { prune: true, selfHeal: true, allowEmpty: false },
        retry: { limit: 5, backoff: { duration: "5s", factor: 2, maxDuration: "3m" } },
        syncOptions: expect.arrayContaining([
          "PrunePropagationPolicy=foreground",
          "ApplyOutOfSyncOnly=true",
          "ServerSideApply=true",
        ]),
      });
    }
  });
});

describe.skipIf(helm === null)("the complete chart", () => {
  it("makes the Applications of the two others, one wave after the other", async () => {
    const sets = await shippedBut();
    const nameOf = ({ object }: Source): string => (object["metadata"] as { name: string }).name;
    const templateOf = (name: string): Map =>
      (sets.find((source) => nameOf(source) === name)!.object["spec"] as { template: Map }).template;
    const { source } = templateOf("gpu-scheduler-complete")["spec"] as { source: { helm: { valuesObject: Map } } };
    const cluster = { cluster: "c", server: "https://c" };
    const values = { ...source.helm.valuesObject, ...cluster };
    const made = await helm!.render({
      chart: "deploy/gpu-scheduler-complete-chart",
      name: "x",
      namespace: "argocd",
      values,
    });
    const alone = ["gpu-scheduler", "gpu-scheduler-check"].map((name) => {
      const text = JSON.stringify(templateOf(name))
        .replaceAll("{{ .nameNormalized }}", "c")
        .replaceAll("{{ .server }}", "https://c");
      return JSON.parse(text) as { metadata: Map; spec: Map };
    });
    expect(
      made.map(({ metadata, spec }) => ({ metadata: { ...(metadata as Map), namespace: undefined }, spec })),
    ).toEqual(alone);
    expect(
      made.map(({ metadata }) => (metadata as { annotations: Map }).annotations["argocd.argoproj.io/sync-wave"]),
    ).toEqual(["1", "2"]);
  });
});

describe.skipIf(helm === null)("the charts", () => {
  it("run nobody in particular, who gains and writes nothing, as the image does", async () => {
    const users = {
      "walras-controller": await userOf("Dockerfile.controller"),
      "walras-agent": await userOf("Dockerfile.agent"),
      "walras-gpu-check": await userOf("packages/gpu-check/Dockerfile"),
    };
    const pods = workloads(everything);
    expect(pods.map(({ name }) => name).toSorted()).toEqual([
      "gpu-scheduler",
      "gpu-scheduler-agent",
      "gpu-scheduler-check",
      "gpu-scheduler-check-verdict",
    ]);
    for (const { spec } of pods) {
      const image = spec.containers[0]!.image.split(":")[0] as keyof typeof users;
      expect(spec.securityContext).toMatchObject({
        runAsNonRoot: true,
        runAsUser: Number(users[image]),
        seccompProfile: { type: "RuntimeDefault" },
      });
      for (const { securityContext } of spec.containers)
        expect(securityContext).toEqual({
          allowPrivilegeEscalation: false,
          readOnlyRootFilesystem: true,
          capabilities: { drop: ["ALL"] },
        });
    }
  });

  it("grant named verbs on named resources, and of Secrets one alone, by its name", () => {
    const grants = grantsOf(everything);
    expect(grants.length).toBeGreaterThan(20);
    expect(grants.filter(({ verb, resource }) => `${verb} ${resource}`.includes("*"))).toEqual([]);
    expect(grants.filter(({ accounts }) => accounts.length === 0)).toEqual([]);
    const rules = everything.flatMap(
      (object) => (object as unknown as { rules?: { resources: string[]; resourceNames?: string[] }[] }).rules ?? [],
    );
    expect(rules.filter(({ resources }) => resources.includes("secrets"))).toMatchObject([
      { resourceNames: ["gpu-scheduler-webhook-tls"] },
    ]);
    const ofCheck = grants.filter(({ role }) => role === "gpu-scheduler-check");
    expect(ofCheck.map(shown)).toEqual(["list nodes", "get gpuschedulingmaps.gpu.walras.io in gpu-scheduler-tests"]);
  });

  it("label pods of the check, and no others, by the name that their logs are asked by", () => {
    const named = workloads(everything).filter(
      ({ labels }) => labels["app.kubernetes.io/name"] === "gpu-scheduler-check",
    );
    expect(named.map(({ name, namespace }) => `${namespace}/${name}`)).toEqual([
      "gpu-scheduler-tests/gpu-scheduler-check",
    ]);
  });

  it("make a map and as many pods as it asks for, by name of the scheduler", () => {
    expect(find(everything, "GpuSchedulingMap", "gpu-scheduler-check")).toMatchObject({
      apiVersion: "gpu.walras.io/v1alpha1",
      spec: {
        workload: { kind: "StatefulSet", name: "gpu-scheduler-check" },
        rollout: "Recreate",
        schedulingMap: [
          { podIndex: 0, nodeName: "node1", gpuDevices: "0,1" },
          { podIndex: 1, nodeName: "node2", gpuDevices: "2" },
          { podIndex: 2, nodeName: "node3", gpuDevices: "0,1,2" },
        ],
      },
    });
    const { spec } = find(everything, "StatefulSet", "gpu-scheduler-check") as {
      spec: { replicas: number; template: { spec: { schedulerName: string } } };
    };
    expect([spec.replicas, spec.template.spec.schedulerName]).toEqual([3, "gpu-scheduler"]);
  });

  it("bring the kind of the map with the scheduler, and make maps as it has them", () => {
    const definition = find(
      everything,
      "CustomResourceDefinition",
      "gpuschedulingmaps.gpu.walras.io",
    ) as unknown as Definition;
    const map = find(everything, "GpuSchedulingMap", "gpu-scheduler-check");
    const findings = checkSchema(map, "GpuSchedulingMap", compact([definition], "ours"), complainOf("map"));
    expect(findings.map(shownFinding)).toEqual([]);
  });

  it("leave a map's gaps to its highest index, and take a number for one GPU", async () => {
    const objects = await rendered("gpu-scheduler-check-chart", {
      gpuScheduling: { schedulingMap: [{ podIndex: 4, nodeName: "a", gpuDevices: 2, share: "team" }] },
    });
    expect(find(objects, "StatefulSet", "gpu-scheduler-check")).toMatchObject({ spec: { replicas: 5 } });
    expect(find(objects, "GpuSchedulingMap", "gpu-scheduler-check")).toMatchObject({
      spec: { schedulingMap: [{ podIndex: 4, gpuDevices: "2", share: "team" }] },
    });
  });

  it("take an nvidia-smi from elsewhere", async () => {
    const volumes = [{ name: "smi", configMap: { name: "smi", defaultMode: 0o555 } }];
    const volumeMounts = [{ name: "smi", mountPath: "/smi" }];
    const testService = { env: [{ name: "NVIDIA_SMI", value: "/smi/nvidia-smi" }] };
    const objects = await rendered("gpu-scheduler-check-chart", { volumes, volumeMounts, testService });
    expect(find(objects, "StatefulSet", "gpu-scheduler-check")).toMatchObject({
      spec: {
        template: { spec: { volumes, containers: [{ volumeMounts, env: expect.arrayContaining(testService.env) }] } },
      },
    });
  });

  it("give the verdict the map in a form that it reads", () => {
    const { data } = find(everything, "ConfigMap", "gpu-scheduler-check-map") as { data: Record<string, string> };
    const { gpuScheduling } = parse(data["map.yaml"]!) as { gpuScheduling: object };
    expect(Object.keys(gpuScheduling)).toEqual(["schedulingMap"]);
    expect(readMap(data["map.yaml"]!, "map.yaml").map(({ node, gpus }) => `${node}:${gpus.join(",")}`)).toEqual([
      "node1:0,1",
      "node2:2",
      "node3:0,1,2",
    ]);
  });

  it.each([
    [
      {
        gpuScheduling: {
          schedulingMap: [
            { podIndex: 0, nodeName: "a", gpuDevices: "0" },
            { podIndex: 0, nodeName: "b", gpuDevices: "0" },
          ],
        },
      },
      /podIndex: 0 stands twice/,
    ],
    [{ gpuScheduling: { schedulingMap: [{ podIndex: 0, nodeName: "a", gpuDevices: "x" }] } }, /gpuDevices/],
    [{ gpuScheduling: { schedulingMap: [{ podIndex: 0, node: "a", gpuDevices: "0" }] } }, /'node'/],
    [{ testService: { logInterval: 0 } }, /logInterval/],
    [{ replicas: 3 }, /'replicas'/],
  ])("refuse values that are wrong: %j", async (values, complaint) => {
    await expect(rendered("gpu-scheduler-check-chart", values)).rejects.toThrow(complaint);
  });

  it("let the verdict ask pods of the check, and nobody else", () => {
    const pods = new Map(workloads(everything).map((pod) => [pod.name, { ...pod, ports: portsOf(pod) }]));
    const policies = networkPolicies(everything);
    const from = {
      verdict: pods.get("gpu-scheduler-check-verdict")!,
      stranger: { namespace: "shop", labels: {} },
      prometheus: { namespace: "monitoring", namespaceLabels: { "walras.io/scrapes": "true" }, labels: {} },
    };
    const reaching = (to: string, port: number): readonly string[] =>
      Object.entries(from).flatMap(([name, who]) => (lets(policies, who, pods.get(to)!, port) ? name : []));
    expect(reaching("gpu-scheduler-check", 8080)).toEqual(["verdict"]);
    expect(reaching("gpu-scheduler-check-verdict", 8080)).toEqual(["prometheus"]);
    expect(reaching("gpu-scheduler", 8080)).toEqual(["prometheus"]);
  });
});
