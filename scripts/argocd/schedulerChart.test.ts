import { join } from "node:path";

import { describe, expect, it } from "vitest";

import { command } from "../../packages/controller/src/config.ts";
import { flagNames } from "../../packages/node-agent/src/config.ts";
import { build, type Manifest } from "../manifests/load.ts";
import { type Workload, workloadOf, workloads } from "../manifests/pods.ts";
import { grantsOf, shown } from "../manifests/roles.ts";
import type { Map } from "./model.ts";
import { find, helm, rendered, root } from "./testing.ts";

const everything = await rendered("gpu-scheduler-chart");

function argsOf(objects: readonly Manifest[], name: string): readonly string[] {
  return workloadOf(objects, name).spec.containers[0]?.args ?? [];
}

describe.skipIf(helm === null)("the scheduler's chart", () => {
  it("grant the scheduler what the controller's part has, and what every part needs", async () => {
    const controller = grantsOf(await build(join(root, "deploy", "kustomize"), ["parts/gpu"]));
    const parts = new Set(["walras-base", "walras-gpu"]);
    const wanted = controller.filter(({ role }) => parts.has(role)).map(shown);
    const granted = grantsOf(everything).filter(({ role }) => role === "gpu-scheduler");
    expect(granted.map(shown).toSorted()).toEqual(wanted.toSorted());
  });

  it("start the scheduler by flags that it has", async () => {
    const own = new Set(command({}).options.map(({ long }) => long));
    expect(argsOf(everything, "gpu-scheduler").filter((arg) => !own.has(arg.split("=")[0]))).toEqual([]);
  });

  it("start agents by flags that they have, at the port that the scheduler serves for them", () => {
    const own = new Set(flagNames.map((name) => `--${name}`));
    const args = argsOf(everything, "gpu-scheduler-agent");
    expect(args.filter((arg) => !own.has(arg.split("=")[0] ?? ""))).toEqual([]);
    expect(args).toContain("--controller=dns:///gpu-scheduler-agents.gpu-scheduler-system.svc:8443");
    expect(argsOf(everything, "gpu-scheduler")).toEqual(
      expect.arrayContaining(["--agent-address=0.0.0.0:8443", "--agent-service-account=gpu-scheduler-agent"]),
    );
    expect(find(everything, "Service", "gpu-scheduler-agents")).toMatchObject({
      spec: { clusterIP: "None", ports: [{ name: "agents", port: 8443 }] },
    });
  });

  it("run agents as those of the controller, which see processes and what the kubelet gave beside", async () => {
    const own = workloadOf(everything, "gpu-scheduler-agent");
    const other = workloadOf(await build(join(root, "deploy", "kustomize")), "walras-agent");
    expect([(own.spec as Map)["hostPID"], own.spec.securityContext]).toEqual([true, other.spec.securityContext]);
    const mounted = (pod: Workload): unknown =>
      (pod.spec.containers[0] as unknown as { volumeMounts: { name: string }[] }).volumeMounts.filter(
        ({ name }) => name !== "pod-resources",
      );
    expect(mounted(own)).toEqual(mounted(other));
  });

  it("ask the kubelet as root, whose its socket is, where they are told to", async () => {
    const objects = await rendered("gpu-scheduler-chart", {
      agents: { podResources: "/var/lib/kubelet/pod-resources" },
    });
    const { spec } = workloadOf(objects, "gpu-scheduler-agent");
    expect(spec.securityContext).toMatchObject({ runAsUser: 0, runAsNonRoot: false });
    expect(spec.containers[0]?.securityContext).toMatchObject({ capabilities: { drop: ["ALL"] } });
    expect(argsOf(objects, "gpu-scheduler-agent")).toContain("--pod-resources=/host/pod-resources/kubelet.sock");
  });

  it("have no agents, and no port for any, where they are off", async () => {
    const objects = await rendered("gpu-scheduler-chart", { agents: { enabled: false } });
    expect(workloads(objects).map(({ name }) => name)).toEqual(["gpu-scheduler"]);
    expect(argsOf(objects, "gpu-scheduler").filter((arg) => /agent|tls/.test(arg))).toEqual([]);
    expect(JSON.stringify(objects)).not.toMatch(/8443|walras-controller-tls/);
  });

  it("run two schedulers on control-plane nodes, of which one may be gone", () => {
    const { spec } = find(everything, "Deployment", "gpu-scheduler") as {
      spec: { replicas: number; template: { spec: Map } };
    };
    expect(spec.replicas).toBe(2);
    expect(spec.template.spec).toMatchObject({
      nodeSelector: { "node-role.kubernetes.io/control-plane": "" },
      tolerations: expect.arrayContaining([
        { key: "node-role.kubernetes.io/control-plane", operator: "Exists", effect: "NoSchedule" },
      ]),
    });
    expect(find(everything, "PodDisruptionBudget", "gpu-scheduler")).toMatchObject({ spec: { maxUnavailable: 1 } });
  });

  it("name one scheduler wherever its name is asked for", async () => {
    const objects = await rendered("gpu-scheduler-chart", { scheduler: { name: "mine" } });
    expect(argsOf(objects, "gpu-scheduler")).toContain("--gpu-scheduler-name=mine");
    const { webhooks } = find(objects, "MutatingWebhookConfiguration", "gpu-scheduler-webhook") as unknown as {
      webhooks: [
        { matchConditions: [{ expression: string }]; namespaceSelector: { matchExpressions: [{ values: string[] }] } },
      ];
    };
    expect(webhooks[0].matchConditions[0].expression).toContain('schedulerName == "mine"');
    expect(webhooks[0].namespaceSelector.matchExpressions[0].values).toEqual(
      expect.arrayContaining(["kube-system", "gpu-scheduler-system"]),
    );
  });

  it("make the webhook that is shipped without a chart", async () => {
    const shipped = await build(join(root, "deploy", "gpu", "webhook"));
    const bare = ({ metadata: { labels: _, ...metadata }, ...object }: Manifest): object => ({
      ...object,
      metadata: { ...metadata, namespace: undefined },
    });
    const kinds = new Set(["MutatingWebhookConfiguration", "Secret", "Service"]);
    const wanted = shipped
      .filter(({ kind }) => kinds.has(kind))
      .map(({ kind, metadata }) => [kind, metadata.name] as const);
    expect(wanted).toHaveLength(3);
    for (const [kind, name] of wanted)
      expect(bare(find(everything, kind, name) as unknown as Manifest)).toEqual(
        bare(find(shipped, kind, name) as unknown as Manifest),
      );
    const granted = (objects: readonly Manifest[]): readonly string[] =>
      grantsOf(objects)
        .filter(({ role }) => role === "gpu-scheduler-webhook")
        .map(shown)
        .toSorted();
    expect(granted(everything)).toEqual(granted(shipped));
  });

  it("have nothing of the webhook where it is off", async () => {
    const objects = await rendered("gpu-scheduler-chart", { webhook: { enabled: false } });
    expect(JSON.stringify(objects)).not.toContain("webhook");
  });
});
