import { join } from "node:path";

import { describe, expect, it } from "vitest";

import { build } from "./load.ts";
import { compare, type Grant, grantsOf, shown, type UsedCall } from "./roles.ts";

const deploy = join(import.meta.dirname, "..", "..", "deploy");
const controllerAccount = "walras-system/walras-controller";
const scalerAccount = "posture/posture-external-scaler";

async function rightsOf(account: string, folder: string, components: readonly string[] = []): Promise<Set<string>> {
  const grants = grantsOf(await build(join(deploy, folder), components));
  return new Set(grants.filter(({ accounts }) => accounts.includes(account)).map(shown));
}

describe("the shipped roles", () => {
  it("grant the controller of the market nothing of another part", async () => {
    const rights = await rightsOf(controllerAccount, "kustomize");
    expect(rights).toContain("patch pods/resize");
    for (const other of ["patch nodes", "patch jobs.batch", "create pods/eviction"])
      expect(rights).not.toContain(other);
  });

  it("grant it batch slots by a component, and evictions by one more", async () => {
    const batch = await rightsOf(controllerAccount, "kustomize", ["parts/batch"]);
    expect(batch).toContain("patch nodes");
    expect(batch).not.toContain("create pods/eviction");
    expect(await rightsOf(controllerAccount, "kustomize", ["parts/batch", "parts/eviction"])).toContain(
      "create pods/eviction",
    );
  });

  it("grant it to write down what new pods are sized by, only by a component", async () => {
    expect(await rightsOf(controllerAccount, "kustomize")).not.toContain("patch creationprofiles.allocation.mbcas.io");
    const sizing = await rightsOf(controllerAccount, "kustomize", ["parts/sizing"]);
    expect(sizing).toContain("patch creationprofiles.allocation.mbcas.io");
  });

  it("grant evictions to the scaler by itself only by its component", async () => {
    expect(await rightsOf(scalerAccount, "batch")).not.toContain("create pods/eviction");
    expect(await rightsOf(scalerAccount, "batch", ["eviction"])).toContain("create pods/eviction");
  });

  it.each(["kustomize", "batch", "carla", "ido"])(
    "of deploy/%s name every verb and resource, and read no secret but the agents' port's",
    async (folder) => {
      const grants = grantsOf(await build(join(deploy, folder)));
      expect(grants.filter(({ verb, resource }) => `${verb} ${resource}`.includes("*"))).toEqual([]);
      // The one of deploy/kustomize is by name: see guards.test.ts.
      const secrets = grants.filter(({ resource }) => resource === "secrets");
      expect(secrets.map(({ role, verb }) => `${role} ${verb}`)).toEqual(
        folder === "kustomize" ? ["walras-controller-identity get", "walras-controller-identity patch"] : [],
      );
      expect(grants.filter(({ accounts }) => accounts.length === 0)).toEqual([]);
    },
  );

  it("grant the planner of intents the same by itself as in the controller, and no secret, node or foreign object", async () => {
    const alone = await rightsOf("ido/planner-service-account", "ido");
    const market = await rightsOf(controllerAccount, "kustomize");
    const added = await rightsOf(controllerAccount, "kustomize", ["parts/intents"]);
    expect([...added].filter((right) => !market.has(right) && !alone.has(right))).toEqual([]);
    expect([...alone].filter((right) => !added.has(right) && !right.includes(" leases."))).toEqual([]);
    for (const never of ["delete pods", "update deployments.apps", "patch replicasets.apps", "patch nodes"])
      expect(alone).not.toContain(never);
  });

  it("grant the agent nothing", async () => {
    expect(await rightsOf("walras-system/walras-agent", "kustomize", ["parts/batch", "parts/eviction"])).toEqual(
      new Set(),
    );
  });
});

describe("what is granted and what is used", () => {
  const account = "home/someone";
  const anywhere: Grant = { role: "r", accounts: [account], verb: "list", resource: "pods", namespace: undefined };
  const home: Grant = { role: "l", accounts: [account], verb: "get", resource: "leases", namespace: "home" };
  const call = (verb: string, resource: string, namespace?: string, by = account): UsedCall => ({
    verb,
    resource,
    namespace,
    account: by,
  });

  it("agree when each right has been used and no call needed another", () => {
    const used = [call("list", "pods"), call("get", "leases", "home")];
    expect(compare([anywhere, home], used)).toEqual({ unused: [], notGranted: [] });
  });

  it("differ by a right that nobody used", () => {
    expect(compare([anywhere, home], [call("list", "pods", "shop")]).unused).toEqual([home]);
  });

  it.each([
    ["another verb", call("watch", "pods")],
    ["another resource", call("list", "nodes")],
    ["another namespace", call("get", "leases", "away")],
    ["another account", call("list", "pods", undefined, "home/other")],
  ])("differ by a call with %s", (_, made) => {
    expect(compare([anywhere, home], [made]).notGranted).toEqual([made]);
  });
});
