import { creationProfileCrd, podAllocationCrd, workloadProfileCrd } from "@walras/api";
import { serveKind } from "@walras/sim/apiserver";
import { beforeEach, describe, expect, it } from "vitest";

import type { Finding } from "./check.ts";
import { examineCluster } from "./examine.ts";
import { Clinic } from "./testing.ts";

let clinic: Clinic;

beforeEach(async () => {
  clinic = new Clinic();
  for (const crd of [podAllocationCrd(), workloadProfileCrd()])
    await clinic.create("/apis/apiextensions.k8s.io/v1", "customresourcedefinitions", crd);
  for (const name of ["shop", "elsewhere"]) {
    const labels = name === "shop" ? { "mbcas.io/managed": "true" } : {};
    await clinic.create("/api/v1", "namespaces", { apiVersion: "v1", kind: "Namespace", metadata: { name, labels } });
  }
  const status = { nodeInfo: { kubeletVersion: "v1.36.3" } };
  await clinic.create("/api/v1", "nodes", { apiVersion: "v1", kind: "Node", metadata: { name: "n1" }, status });
});

const examined = (): Promise<Finding[]> => examineCluster(clinic, { parts: ["market"], namespace: "walras-system" });

async function row(check: string): Promise<Omit<Finding, "check">> {
  const found = (await examined()).find((finding) => finding.check === check);
  if (!found) throw new Error(`no check ${check}`);
  return { verdict: found.verdict, detail: found.detail };
}

const shop = (version: string): string => `${version}/namespaces/shop`;

describe("a cluster on its own", () => {
  it("has nothing that fails, and the one thing that is slow is said", async () => {
    const findings = await examined();
    expect(findings.filter(({ verdict }) => verdict !== "ok").map(({ check }) => check)).toEqual([
      "kubelet status delay",
    ]);
    expect(findings.find(({ check }) => check === "VerticalPodAutoscalers")?.detail).toBe("not served");
  });
});

describe("kubelets", () => {
  it.each([
    [{ PLEGOnDemandRelist: true }, "ok", "about 0.2 s: PLEGOnDemandRelist is on at node n1 (v1.36.3)"],
    [{}, "warn", "about 1.8 s on node n1 (v1.36.3): switch the kubelet's feature gate PLEGOnDemandRelist on"],
    [null, "warn", "unknown on node n1 (v1.36.3): may not get nodes/proxy; about 1.8 s without PLEGOnDemandRelist"],
  ] as const)("with gates %j: %s", async (gates, verdict, detail) => {
    clinic.gates = gates;
    expect(await row("kubelet status delay")).toEqual({ verdict, detail });
  });
});

describe("autoscalers", () => {
  const autoscale = (name: string, type: string): Promise<void> => {
    const metrics = [{ type: "Resource", resource: { name: "cpu", target: { type } } }];
    const spec = { scaleTargetRef: { kind: "Deployment", name }, maxReplicas: 3, metrics };
    const body = { apiVersion: "autoscaling/v2", kind: "HorizontalPodAutoscaler", metadata: { name }, spec };
    return clinic.create(shop("/apis/autoscaling/v2"), "horizontalpodautoscalers", body);
  };

  it("that divide by CPU requests are named, the others are not", async () => {
    await autoscale("queue", "AverageValue");
    expect((await row("HorizontalPodAutoscalers")).verdict).toBe("ok");
    for (const name of ["a", "b", "c", "d", "e"]) await autoscale(name, "Utilization");
    const { verdict, detail } = await row("HorizontalPodAutoscalers");
    expect([verdict, detail.split(" divide")[0]]).toEqual(["warn", "shop/a, shop/b, shop/c and 2 more"]);
  });

  it("that act on running pods are named, those that advise are not", async () => {
    await serveKind(clinic, { group: "autoscaling.k8s.io", kind: "VerticalPodAutoscaler" });
    const size = (name: string, updateMode: string): Promise<void> => {
      const spec = { targetRef: { kind: "Deployment", name }, updatePolicy: { updateMode } };
      const body = { apiVersion: "autoscaling.k8s.io/v1", kind: "VerticalPodAutoscaler", metadata: { name }, spec };
      return clinic.create(shop("/apis/autoscaling.k8s.io/v1"), "verticalpodautoscalers", body);
    };
    await size("advised", "Off");
    expect(await row("VerticalPodAutoscalers")).toEqual({ verdict: "ok", detail: "none acts on running pods" });
    await size("sized", "InPlaceOrRecreate");
    expect(await row("VerticalPodAutoscalers")).toMatchObject({
      verdict: "warn",
      detail: expect.stringMatching(/^shop\/sized act on running pods/),
    });
  });

  it("that may not be listed are unknown, which is neither fine nor a failure", async () => {
    clinic.forbids = (path) => path.includes("horizontalpodautoscalers");
    expect(await row("HorizontalPodAutoscalers")).toEqual({
      verdict: "warn",
      detail: "unknown: these credentials may not read horizontalpodautoscalers",
    });
  });
});

describe("others who read requests", () => {
  it.each([
    ["Karpenter", "karpenter.sh", "NodePool", "consolidateAfter"],
    ["Kueue", "kueue.x-k8s.io", "ClusterQueue", "quotas"],
  ])("%s is found by its kinds, with what to do", async (name, group, kind, advice) => {
    expect(await row(name)).toEqual({ verdict: "ok", detail: "not installed" });
    await serveKind(clinic, { group, kind: "Other" });
    expect((await row(name)).verdict).toBe("ok");
    await serveKind(clinic, { group, kind, scope: "Cluster" });
    expect(await row(name)).toMatchObject({ verdict: "warn", detail: expect.stringContaining(advice) });
  });
});

describe("sizing of new pods", () => {
  const policies = "/apis/admissionregistration.k8s.io/v1";
  const install = async (): Promise<void> => {
    const kind = "MutatingAdmissionPolicyBinding";
    await serveKind(clinic, { group: "admissionregistration.k8s.io", kind, scope: "Cluster" });
    const body = { apiVersion: "admissionregistration.k8s.io/v1", kind, metadata: { name: "walras-new-pods" } };
    await clinic.create(policies, "mutatingadmissionpolicybindings", body);
  };
  const autoscaler = {
    Karpenter: () => serveKind(clinic, { group: "karpenter.sh", kind: "NodePool", scope: "Cluster" }),
    "the cluster autoscaler": () =>
      clinic.create("/api/v1/namespaces/kube-system", "configmaps", {
        apiVersion: "v1",
        kind: "ConfigMap",
        metadata: { name: "cluster-autoscaler-status" },
      }),
  } as const;

  it("is not asked for where nobody moves pods", async () => {
    expect(await row("sizing of new pods")).toEqual({
      verdict: "ok",
      detail: "not installed, and nothing is seen that moves pods",
    });
  });

  it.each(["Karpenter", "the cluster autoscaler"] as const)("is, beside %s", async (name) => {
    await autoscaler[name]();
    expect(await row("sizing of new pods")).toMatchObject({
      verdict: "warn",
      detail: expect.stringMatching(`^not installed, beside ${name}: .*parts/sizing`),
    });
    await install();
    expect(await row("sizing of new pods")).toMatchObject({
      verdict: "warn",
      detail: expect.stringContaining("without its kind"),
    });
    await clinic.create("/apis/apiextensions.k8s.io/v1", "customresourcedefinitions", creationProfileCrd());
    expect(await row("sizing of new pods")).toEqual({ verdict: "ok", detail: `installed, beside ${name}` });
  });

  it("is unknown where policies may not be read", async () => {
    clinic.forbids = (path) => path.includes("admissionregistration");
    expect(await row("sizing of new pods")).toEqual({
      verdict: "warn",
      detail: "unknown: these credentials may not read admission policies",
    });
  });
});

describe("what bounds pods on the market", () => {
  const limit = (namespace: string, item: object): Promise<void> => {
    const body = { apiVersion: "v1", kind: "LimitRange", metadata: { name: "limits" }, spec: { limits: [item] } };
    return clinic.create(`/api/v1/namespaces/${namespace}`, "limitranges", body);
  };
  const quota = (namespace: string, name: string, hard: object): Promise<void> => {
    const body = { apiVersion: "v1", kind: "ResourceQuota", metadata: { name }, spec: { hard } };
    return clinic.create(`/api/v1/namespaces/${namespace}`, "resourcequotas", body);
  };
  const podOf = (namespace: string, cpu: string): Promise<void> => {
    const metadata = { name: `pod-${cpu}`, labels: { "mbcas.io/managed": "true" } };
    const spec = { containers: [{ name: "app", image: "i", resources: { requests: { cpu } } }] };
    return clinic.create(`/api/v1/namespaces/${namespace}`, "pods", { apiVersion: "v1", kind: "Pod", metadata, spec });
  };

  it("is a LimitRange with bounds of CPU where pods are managed", async () => {
    await limit("elsewhere", { type: "Container", max: { cpu: "1" } });
    expect((await row("LimitRanges")).verdict).toBe("ok");
    await limit("shop", { type: "Container", max: { cpu: "2", memory: "1Gi" }, maxLimitRequestRatio: { cpu: "4" } });
    expect(await row("LimitRanges")).toMatchObject({
      verdict: "warn",
      detail: expect.stringMatching(/^shop\/limits \(Container max 2, ratio 4\) bind/),
    });
  });

  it("is one of a namespace in which a single pod is managed", async () => {
    await podOf("elsewhere", "100m");
    await limit("elsewhere", { type: "Pod", min: { cpu: "50m" } });
    expect((await row("LimitRanges")).detail).toContain("elsewhere/limits (Pod min 50m)");
  });

  it("is a quota that is nearly used up", async () => {
    await quota("shop", "wide", { "requests.cpu": "10", pods: "10" });
    await podOf("shop", "280m");
    expect(await row("ResourceQuotas")).toEqual({
      verdict: "ok",
      detail: "shop/wide requests.cpu 280m of 10: room for raises is left",
    });
    await quota("shop", "tight", { "requests.cpu": "300m" });
    expect(await row("ResourceQuotas")).toEqual({
      verdict: "warn",
      detail: "shop/tight requests.cpu 280m of 300m: raises will be refused; raise the quota",
    });
  });
});
