// The deployment checklist of MBCAS, item by item, against what deploy/kustomize/overlays/mbcas makes.
import { readFile } from "node:fs/promises";
import { join } from "node:path";

import { describe, expect, it } from "vitest";
import { parse } from "yaml";

import { build, type Manifest } from "./load.ts";
import { lets, networkPolicies } from "./networkPolicy.ts";
import { portsOf, type Workload, workloadOf, workloads } from "./pods.ts";
import { grantsOf, shown } from "./roles.ts";

const root = join(import.meta.dirname, "..", "..");
const kustomize = join(root, "deploy", "kustomize");
const folder = join(kustomize, "overlays", "mbcas");
const mbcas = await build(folder);
const labelsOf = (component: string): object => ({
  "app.kubernetes.io/name": "mbcas",
  "app.kubernetes.io/component": component,
});
const target = (name: string): Workload & { readonly ports: ReturnType<typeof portsOf> } => {
  const pod = workloadOf(mbcas, name);
  return { ...pod, ports: portsOf(pod) };
};

describe("the MBCAS checklist: what will work", () => {
  it("has the CRD PodAllocation among what is installed", () => {
    const crds = mbcas.filter(({ kind }) => kind === "CustomResourceDefinition").map(({ metadata }) => metadata.name);
    expect(crds).toContain("podallocations.allocation.mbcas.io");
  });

  it("has rights for the controller, and none for the agent, which writes nothing", () => {
    const rights = (account: string): readonly string[] =>
      grantsOf(mbcas)
        .filter(({ accounts }) => accounts.includes(`mbcas-system/${account}`))
        .map(shown);
    expect(rights("mbcas-controller")).toEqual(
      expect.arrayContaining(["patch pods/resize", "create podallocations.allocation.mbcas.io"]),
    );
    expect(rights("mbcas-agent")).toEqual([]);
    expect(grantsOf(mbcas).filter(({ accounts }) => accounts.length === 0)).toEqual([]);
  });
});

describe("the MBCAS checklist: what needed fixing", () => {
  it("1. runs the agent without root, without a capability", () => {
    const { spec } = workloadOf(mbcas, "mbcas-agent");
    expect(spec.securityContext).toMatchObject({ runAsNonRoot: true, runAsUser: 60_910 });
    expect(spec.containers[0]?.securityContext).toMatchObject({ capabilities: { drop: ["ALL"] } });
  });

  it("1. option A, by the component security/root: as root, still without SYS_ADMIN or any other capability", async () => {
    const { spec } = workloadOf(await build(folder, ["../../security/root"]), "mbcas-agent");
    expect(spec.securityContext).toEqual({
      runAsNonRoot: false,
      runAsUser: 0,
      runAsGroup: 0,
      seccompProfile: { type: "RuntimeDefault" },
    });
    expect(spec.containers[0]?.securityContext).toMatchObject({
      allowPrivilegeEscalation: false,
      capabilities: { drop: ["ALL"] },
    });
  });

  it("1. option B, by the component security/delegated: its own user in a group that the node delegates to", async () => {
    const { spec } = workloadOf(await build(folder, ["../../security/delegated"]), "mbcas-agent");
    expect(spec.securityContext).toMatchObject({
      runAsNonRoot: true,
      runAsUser: 60_910,
      supplementalGroups: [60_911],
    });
  });

  it("2. has the controller's Deployment, with these labels, account, image and sizes", () => {
    const { spec, labels, namespace } = workloadOf(mbcas, "mbcas-controller");
    const deployment = mbcas.find(({ kind }) => kind === "Deployment") as Manifest & {
      readonly spec: { readonly selector: { readonly matchLabels: object } };
    };
    expect(namespace).toBe("mbcas-system");
    expect([deployment.metadata.labels, deployment.spec.selector.matchLabels, labels]).toEqual(
      Array.from({ length: 3 }, () => labelsOf("controller")),
    );
    expect(spec.serviceAccountName).toBe("mbcas-controller");
    expect(spec.containers[0]).toMatchObject({
      name: "controller",
      imagePullPolicy: "IfNotPresent",
      resources: { requests: { cpu: "100m", memory: "128Mi" }, limits: { cpu: "200m", memory: "256Mi" } },
    });
  });

  it("3. takes the images under the names that the checklist builds", async () => {
    const { images } = parse(await readFile(join(folder, "kustomization.yaml"), "utf8")) as { images: object[] };
    expect(images).toEqual(
      ["controller", "agent"].map((name) => ({
        name: `walras-${name}`,
        newName: `mbcas-${name}`,
        newTag: "latest",
      })),
    );
    const own = workloads(mbcas).map(({ spec }) => spec.containers[0]?.image ?? "");
    expect(own.toSorted()).toEqual(["walras-agent", "walras-controller"]);
  });

  it("4. installs the CRDs by the kustomization that all overlays share", async () => {
    const { resources } = parse(await readFile(join(kustomize, "base", "kustomization.yaml"), "utf8")) as {
      resources: string[];
    };
    expect(resources[0]).toBe("../../crds");
  });

  it("5. reads control groups where the host has them, read-only", () => {
    const { spec } = workloadOf(mbcas, "mbcas-agent");
    expect(spec.volumes).toContainEqual({ name: "cgroup", hostPath: { path: "/sys/fs/cgroup", type: "Directory" } });
    expect(spec.containers[0]?.args).toContain("--cgroup-root=/host/sys/fs/cgroup");
  });
});

describe("the MBCAS checklist: its verification", () => {
  it.each([
    ["controller", "mbcas-controller"],
    ["agent", "mbcas-agent"],
  ])("finds by the label component=%s the pods of %s alone", (component, name) => {
    const found = workloads(mbcas).filter(({ labels }) => labels["app.kubernetes.io/component"] === component);
    expect(found.map((pod) => `${pod.namespace}/${pod.name}`)).toEqual([`mbcas-system/${name}`]);
    expect(found[0]?.labels).toEqual(labelsOf(component));
  });

  it("has one agent a node, whatever the node's taints", () => {
    expect(mbcas.filter(({ kind }) => kind === "DaemonSet").map(({ metadata }) => metadata.name)).toEqual([
      "mbcas-agent",
    ]);
    expect(workloadOf(mbcas, "mbcas-agent").spec.tolerations).toEqual([{ operator: "Exists" }]);
  });

  it("lets its agents reach the controller by the name in its certificate, and nobody else", () => {
    const agent = workloadOf(mbcas, "mbcas-agent");
    expect(agent.spec.containers[0]?.args?.[0]).toBe("--controller=dns:///walras-controller.mbcas-system.svc:8443");
    expect(workloadOf(mbcas, "mbcas-controller").spec.containers[0]?.args).toContain(
      "--agent-service-account=mbcas-agent",
    );
    const services = mbcas.filter(({ kind }) => kind === "Service") as (Manifest & { spec: { selector: object } })[];
    expect(services.map(({ metadata, spec }) => [metadata.name, spec.selector])).toEqual([
      ["walras-controller", labelsOf("controller")],
    ]);
    const policies = networkPolicies(mbcas);
    expect(lets(policies, agent, target("mbcas-controller"), 8443)).toBe(true);
    expect(lets(policies, { ...agent, namespace: "shop" }, target("mbcas-controller"), 8443)).toBe(false);
    expect(lets(policies, workloadOf(mbcas, "mbcas-controller"), target("mbcas-controller"), 8443)).toBe(false);
  });

  it("lets its controller, and nobody else, write PodAllocations", () => {
    const policy = mbcas.find(
      ({ kind, metadata }) => kind === "ValidatingAdmissionPolicy" && metadata.name === "walras-podallocations",
    ) as (Manifest & { readonly spec: { readonly variables: readonly object[] } }) | undefined;
    expect(policy?.spec.variables[0]).toEqual({
      name: "controller",
      expression: '"system:serviceaccount:mbcas-system:mbcas-controller"',
    });
  });

  it("takes the other parts as deploy/kustomize does", async () => {
    const grants = grantsOf(await build(folder, ["../../parts/batch"]));
    expect(grants.filter(({ role }) => role === "walras-batch").flatMap(({ accounts }) => accounts)).toContain(
      "mbcas-system/mbcas-controller",
    );
  });
});
