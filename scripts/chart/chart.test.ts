import { readFileSync } from "node:fs";
import { join } from "node:path";

import { describe, expect, it } from "vitest";
import { parse } from "yaml";

import { command } from "../../packages/controller/src/config.ts";
import { flagNames } from "../../packages/node-agent/src/config.ts";
import type { Map } from "../argocd/model.ts";
import { find, helm, root } from "../argocd/testing.ts";
import { build, type Manifest } from "../manifests/load.ts";
import { lets, networkPolicies } from "../manifests/networkPolicy.ts";
import { portsOf, workloadOf, workloads } from "../manifests/pods.ts";
import { grantsOf, shown } from "../manifests/roles.ts";
import { walras } from "./testing.ts";
import { valueSets } from "./valueSets.ts";

const deploy = join(root, "deploy");
const account = "walras-system/walras-controller";
const rendered = new Map<string, readonly Manifest[]>();
for (const [name, values] of Object.entries(valueSets)) rendered.set(name, await walras(values));
const made = (name: string): readonly Manifest[] => rendered.get(name) ?? [];
const rightsOf = (objects: readonly Manifest[]): readonly string[] => [
  ...new Set(grantsOf(objects).flatMap((grant) => (grant.accounts.includes(account) ? shown(grant) : []))),
];

describe.skipIf(helm === null)("the chart", () => {
  it.each([
    [{}, []],
    [{ parts: { batch: true } }, ["parts/batch"]],
    [{ parts: { batch: true }, batch: { evict: true } }, ["parts/batch", "parts/eviction"]],
    [{ parts: { gpu: true }, gpu: { webhook: { enabled: false } } }, ["parts/gpu"]],
    [{ parts: { intents: true } }, ["parts/intents"]],
    [{ market: { sizeNewPods: true } }, ["parts/sizing"]],
  ])("grants with %j what the components %j do, and nothing else", async (values, components) => {
    const wanted = rightsOf(await build(join(deploy, "kustomize"), components));
    expect(rightsOf(await walras(values)).toSorted()).toEqual(wanted.toSorted());
  });

  it("makes the webhook that is shipped without a chart, with its rights, for its own scheduler and namespace", async () => {
    const shipped = await build(join(deploy, "gpu", "webhook"));
    const objects = await walras({ parts: { gpu: true }, gpu: { schedulerName: "mine" } });
    const wanted = grantsOf(shipped).map(({ verb, resource }) => `${verb} ${resource}`);
    const granted = grantsOf(objects).filter(({ role }) => role.includes("webhook"));
    expect(granted.map(({ verb, resource }) => `${verb} ${resource}`).toSorted()).toEqual(wanted.toSorted());
    const text = (all: readonly Manifest[]): string => {
      const { metadata: _, ...rest } = find(all, "MutatingWebhookConfiguration", "gpu-scheduler-webhook");
      return JSON.stringify(rest);
    };
    const told = text(shipped)
      .replaceAll("gpu-scheduler-system", "walras-system")
      .replace('\\"gpu-scheduler\\"', '\\"mine\\"');
    expect(JSON.parse(text(objects))).toEqual(JSON.parse(told));
    expect(JSON.stringify(made("GPUs by a runtime class"))).not.toContain("webhook");
  });

  it("lets readers of the dashboard read that, as the component does, and nothing else", async () => {
    const shipped = grantsOf(await build(join(deploy, "kustomize"), ["parts/dashboard"]));
    const wanted = shipped.filter(({ role }) => role === "walras-dashboard-reader").map(shown);
    const granted = grantsOf(made("a dashboard for some")).filter(({ accounts }) => accounts.includes("office/wall"));
    expect(granted.map(shown)).toEqual(wanted);
    expect(wanted).toHaveLength(1);
  });

  it("grants a part that is off nothing, and the agent never anything", () => {
    const releases = rightsOf(made("releases alone"));
    expect(releases).toContain("list nodes.metrics.k8s.io");
    expect(releases.filter((right) => /resize|podallocations|scaledjobs|intents|gpu/.test(right))).toEqual([]);
    for (const objects of rendered.values()) {
      const grants = grantsOf(objects);
      expect(grants.filter(({ accounts }) => accounts.length === 0)).toEqual([]);
      expect(grants.filter(({ accounts }) => accounts.includes("walras-system/walras-agent"))).toEqual([]);
      expect(grants.filter(({ verb, resource }) => `${verb} ${resource}`.includes("*"))).toEqual([]);
    }
  });

  it("makes the pods that are shipped without a chart", async () => {
    const shipped = await build(join(deploy, "kustomize"));
    const bare = (objects: readonly Manifest[], name: string): object => {
      const { containers, volumes = [], ...spec } = workloadOf(objects, name).spec;
      const { args: _, imagePullPolicy: __, image, volumeMounts = [], ...container } = containers[0]!;
      return { ...spec, volumes, container: { ...container, volumeMounts }, image: image.split(":")[0] };
    };
    for (const name of ["walras-agent", "walras-controller"])
      expect(bare(made("as it is"), name)).toEqual(bare(shipped, name));
    const argsOf = (objects: readonly Manifest[], name: string): readonly string[] =>
      workloadOf(objects, name).spec.containers[0]?.args ?? [];
    expect(argsOf(made("as it is"), "walras-agent")).toEqual(argsOf(shipped, "walras-agent"));
    expect(argsOf(made("as it is"), "walras-controller")).toEqual(
      expect.arrayContaining([...argsOf(shipped, "walras-controller")]),
    );
  });

  it.each(Object.keys(valueSets))("starts programs by flags that they have: %s", (name) => {
    const own = new Set(command({}).options.map(({ long }) => long));
    const agents = new Set(flagNames.map((flag) => `--${flag}`));
    for (const pod of workloads(made(name))) {
      if (pod.spec.containers[0]?.name === "doctor") continue;
      const flags = pod.name === "walras-agent" ? agents : own;
      const args = pod.spec.containers[0]?.args ?? [];
      expect(args.length).toBeGreaterThan(5);
      expect(args.filter((arg) => !flags.has(arg.split("=")[0] ?? ""))).toEqual([]);
    }
  });

  it.each(Object.keys(valueSets))("hardens every pod: %s", (name) => {
    const pods = workloads(made(name));
    expect(pods.map((pod) => pod.name)).toContain("walras-controller");
    for (const pod of pods) {
      expect(pod.spec.securityContext).toMatchObject({ seccompProfile: { type: "RuntimeDefault" } });
      for (const container of pod.spec.containers) {
        expect(container.resources).toMatchObject({ requests: {}, limits: {} });
        expect(container.securityContext).toMatchObject({
          allowPrivilegeEscalation: false,
          readOnlyRootFilesystem: true,
          capabilities: { drop: ["ALL"] },
        });
      }
      const root_ = pod.name === "walras-agent" && name === "agents as root";
      expect(pod.spec.securityContext?.["runAsNonRoot"]).toBe(!root_);
    }
  });

  it("has agents run as they are told, with no more than that", () => {
    const agent = (name: string): Map => workloadOf(made(name), "walras-agent").spec;
    const capabilities = (name: string): unknown =>
      workloadOf(made(name), "walras-agent").spec.containers[0]?.securityContext?.["capabilities"];
    expect(agent("as it is")["securityContext"]).toMatchObject({ runAsUser: 60_910, fsGroup: 60_910 });
    expect(agent("agents as root")["securityContext"]).toMatchObject({ runAsUser: 0, runAsNonRoot: false });
    expect(capabilities("agents as root")).toEqual({ drop: ["ALL"], add: ["SYS_PTRACE"] });
    expect(agent("agents in a delegated group")["securityContext"]).toMatchObject({ supplementalGroups: [2000] });
    expect(capabilities("agents in a delegated group")).toEqual({ drop: ["ALL"] });
  });

  it("sees GPUs as the scheduler's own chart does, with the part that needs them", () => {
    expect(workloadOf(made("all parts"), "walras-agent").spec).toMatchObject({ hostPID: true });
    const asking = workloadOf(made("agents as root"), "walras-agent").spec.containers[0];
    expect(asking?.args).toContain("--pod-resources=/host/pod-resources/kubelet.sock");
    expect(JSON.stringify(workloadOf(made("all parts"), "walras-agent"))).not.toContain("pod-resources");
    expect(JSON.stringify(workloadOf(made("GPUs by a runtime class"), "walras-agent"))).not.toContain("pod-resources");
    expect(JSON.stringify(workloadOf(made("as it is"), "walras-agent"))).not.toMatch(/hostPID|NVIDIA/);
  });

  it("brings each kind as it is, to be kept, and none where it is not to", () => {
    const kinds = made("new pods sized").filter(({ kind }) => kind === "CustomResourceDefinition");
    expect(kinds).toHaveLength(6);
    for (const kind of kinds as (Manifest & { spec: object; metadata: { annotations: Map } })[]) {
      const file = `${kind.metadata.name.split(".")[0]}.yaml`;
      const folder = file === "creationprofiles.yaml" ? "sizing" : "crds";
      const own = parse(readFileSync(join(deploy, folder, file), "utf8")) as { spec: object };
      expect(kind.spec).toEqual(own.spec);
      expect(kind.metadata.annotations).toEqual({ "helm.sh/resource-policy": "keep" });
    }
    const others = made("another registry, watched and placed");
    expect(others.filter(({ kind }) => kind === "CustomResourceDefinition")).toEqual([]);
  });

  it("lets in who has to, and nobody else", () => {
    const objects = made("all parts");
    const controller = {
      ...workloadOf(objects, "walras-controller"),
      ports: portsOf(workloadOf(objects, "walras-controller")),
    };
    const from = {
      agent: workloadOf(objects, "walras-agent"),
      doctor: workloadOf(objects, "walras-doctor"),
      keda: { namespace: "autoscaling", labels: { app: "keda-operator" } },
      prometheus: { namespace: "monitoring", namespaceLabels: { "walras.io/scrapes": "true" }, labels: {} },
      stranger: { namespace: "shop", labels: { "app.kubernetes.io/name": "walras-agent" } },
    };
    const reaching = (port: number): readonly string[] =>
      Object.entries(from).flatMap(([name, who]) =>
        lets(networkPolicies(objects), who, controller, port) ? name : [],
      );
    expect([8443, 9090, 8080, 22].map(reaching)).toEqual([["agent"], ["prometheus"], ["keda"], []]);
    expect(reaching(9443)).toEqual(Object.keys(from));
    for (const name of ["walras-agent", "walras-doctor"])
      expect(lets(networkPolicies(objects), from.prometheus, { ...workloadOf(objects, name), ports: [] }, 9090)).toBe(
        false,
      );
  });

  it("asks the doctor about the parts that are on, with the controller's account, as helm's test", () => {
    const job = find(made("all parts"), "Job", "walras-doctor") as { metadata: { annotations: Map } };
    expect(job.metadata.annotations["helm.sh/hook"]).toBe("test");
    const { spec } = workloadOf(made("all parts"), "walras-doctor");
    expect(spec.serviceAccountName).toBe("walras-controller");
    expect(spec.containers[0]?.args).toEqual([
      "doctor",
      "--in-cluster",
      "--parts=market,carla,batch,gpu,intents",
      "--namespace=walras-system",
      "--batch-evict",
    ]);
  });

  it("takes a bare off for what it says, though YAML 1.1 has it mean false", async () => {
    const objects = await walras({ parts: { gpu: true }, market: { mode: false }, gpu: { defragment: false } });
    expect(workloadOf(objects, "walras-controller").spec.containers[0]?.args).toEqual(
      expect.arrayContaining(["--mode=off", "--gpu-defragment=off"]),
    );
  });

  it("names images by registry, and by digest where there is one", () => {
    const image = (name: string): string | undefined =>
      workloadOf(made("another registry, watched and placed"), name).spec.containers[0]?.image;
    expect(image("walras-controller")).toBe(`registry.example.com/tools/walras-controller@sha256:${"0".repeat(64)}`);
    expect(image("walras-agent")).toBe("registry.example.com/tools/walras-agent:0.1.0");
  });

  it("has the alerts as they are, their runbooks where they are kept, and a dashboard for each part", () => {
    const objects = made("another registry, watched and placed");
    const { spec } = find(objects, "PrometheusRule", "walras") as { spec: object };
    const rules = readFileSync(join(deploy, "monitoring", "rules.yaml"), "utf8");
    expect(spec).toEqual(
      parse(rules.replaceAll("runbook_url: docs/", "runbook_url: https://wiki.example.com/walras/docs/")),
    );
    const dashboards = objects.filter(({ metadata }) => metadata.labels?.["grafana_dashboard"] === "1");
    expect(dashboards.map(({ metadata }) => metadata.name)).toHaveLength(6);
    for (const { data } of dashboards as unknown as { data: Map }[])
      expect(JSON.parse(Object.values(data)[0] as string)).toHaveProperty("panels");
    expect(made("as it is").filter(({ apiVersion }) => apiVersion.startsWith("monitoring."))).toEqual([]);
  });

  it("has the controller make its certificate, in objects that stand there empty", () => {
    const objects = made("as it is");
    for (const [kind, name] of [
      ["Secret", "walras-tls"],
      ["ConfigMap", "walras-controller-ca"],
    ] as const) {
      expect(find(objects, kind, name)).not.toHaveProperty("data");
      expect(find(objects, kind, name)).not.toHaveProperty("stringData");
    }
    const secrets = (shownObjects: readonly Manifest[]): readonly string[] =>
      rightsOf(shownObjects).filter((right) => right.includes("secrets"));
    expect(secrets(objects)).toEqual(["get secrets in walras-system", "patch secrets in walras-system"]);
    expect(secrets(made("certificates made by hand, and a configuration file"))).toEqual([]);
  });

  it("guards PodAllocations for the account of its own namespace, where it is asked to", () => {
    const { spec } = find(made("as it is"), "ValidatingAdmissionPolicy", "walras-podallocations") as {
      spec: { variables: Map[] };
    };
    expect(spec.variables[0]).toEqual({
      name: "controller",
      expression: '"system:serviceaccount:walras-system:walras-controller"',
    });
    const without = made("certificates made by hand, and a configuration file");
    expect(without.filter(({ kind }) => kind.startsWith("Validating"))).toEqual([]);
  });

  it("gives the controller a configuration file, as its values have it", () => {
    const objects = made("certificates made by hand, and a configuration file");
    const { data } = find(objects, "ConfigMap", "walras-config") as { data: Record<string, string> };
    expect(parse(data["config.yaml"] ?? "")).toEqual({
      "writes-per-second": 100,
      policies: [{ name: "databases", namespaces: ["db-*"], mode: "recommend" }],
    });
    expect(workloadOf(objects, "walras-controller").spec.containers[0]?.args).toContain(
      "--config=/etc/walras/config.yaml",
    );
    expect(JSON.stringify(workloadOf(objects, "walras-controller").spec.volumes)).toContain('"walras-config"');
    expect(JSON.stringify(workloadOf(made("as it is"), "walras-controller"))).not.toContain("walras-config");
  });

  it("has cert-manager make what is mounted, and the controller tell agents its authority", () => {
    const objects = made("cert-manager's certificates");
    const secrets = objects.flatMap((object) =>
      object.kind === "Certificate" ? (object as unknown as { spec: { secretName: string } }).spec.secretName : [],
    );
    expect(secrets.toSorted()).toEqual(["walras-ca", "walras-controller-tls"]);
    const { spec } = workloadOf(objects, "walras-controller");
    expect(JSON.stringify(spec.volumes)).toContain("walras-controller-tls");
    expect(spec.containers[0]?.args).toContain("--tls-ca=/tls/ca.crt");
    const rights = rightsOf(objects).filter((right) => /secrets|configmaps/.test(right));
    expect(rights).toEqual(["get configmaps in walras-system", "patch configmaps in walras-system"]);
    expect(JSON.stringify(workloadOf(objects, "walras-agent").spec.volumes)).not.toContain("walras-controller-tls");
  });
});
