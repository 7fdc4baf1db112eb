import { readFileSync } from "node:fs";
import { join } from "node:path";

import { describe, expect, it } from "vitest";
import { parseAllDocuments } from "yaml";

import { accessChecks } from "./access.ts";
import { type Finding, runChecks } from "./check.ts";
import { parts, type PartName, rightsOf } from "./rights.ts";
import { type Asked, Clinic } from "./testing.ts";

const deploy = join(import.meta.dirname, "..", "..", "..", "..", "deploy");
const home = "walras-system";

interface Role {
  readonly kind: string;
  readonly rules?: readonly { apiGroups: readonly string[]; resources: readonly string[]; verbs: readonly string[] }[];
}

/** Every right that the roles of some manifests grant, one verb each. */
function granted(...files: readonly string[]): readonly string[] {
  const documents = files.flatMap((file) => parseAllDocuments(readFileSync(join(deploy, file), "utf8")));
  const roles = documents.map((document) => document.toJS() as Role).filter(({ kind }) => kind.endsWith("Role"));
  const rights = roles.flatMap(({ kind, rules = [] }) =>
    rules.flatMap(({ apiGroups, resources, verbs }) =>
      apiGroups.flatMap((group) =>
        resources.flatMap((resource) =>
          verbs.map((verb) => `${verb} ${group}/${resource}${kind === "Role" ? ` in ${home}` : ""}`),
        ),
      ),
    ),
  );
  return [...new Set(rights)].toSorted();
}

function shown({ verb, group, resource, subresource, namespace }: Asked): string {
  const path = subresource === undefined ? resource : `${resource}/${subresource}`;
  return `${verb} ${group}/${path}${namespace === undefined ? "" : ` in ${namespace}`}`;
}

const files: Readonly<Record<PartName, readonly string[]>> = {
  market: ["kustomize/base/rbac.yaml"],
  batch: ["kustomize/base/rbac.yaml", "roles/batch/role.yaml"],
  carla: ["carla/rbac.yaml", "roles/carla/role.yaml"],
  gpu: ["kustomize/base/rbac.yaml", "roles/gpu/role.yaml"],
  intents: ["kustomize/base/rbac.yaml", "roles/intents/role.yaml"],
};

async function ask(clinic: Clinic, names: readonly PartName[], evicts = false): Promise<readonly Finding[]> {
  return runChecks(accessChecks(clinic, rightsOf(names, evicts), home));
}

describe("the rights that are asked for", () => {
  it.each([
    ["the market", ["market"], false, files.market],
    ["batch slots beside the market", ["market", "batch"], false, files.batch],
    ["evictions", ["market", "batch"], true, [...files.batch, "roles/eviction/role.yaml"]],
    ["GPUs beside the market", ["market", "gpu"], false, files.gpu],
    ["intents beside the market", ["market", "intents"], false, files.intents],
    ["CARLA by itself", ["carla"], false, files.carla],
    [
      "everything",
      parts,
      true,
      [...files.batch, "roles/eviction/role.yaml", ...files.carla, ...files.gpu, ...files.intents],
    ],
  ] as const)("for %s are every verb that its roles grant, and no other", async (_, names, evicts, granting) => {
    const clinic = new Clinic();
    const findings = await ask(clinic, names, evicts);
    expect([...new Set(clinic.asked.map(shown))].toSorted()).toEqual(granted(...granting));
    expect(new Set(findings.map(({ verdict }) => verdict))).toEqual(new Set(["ok"]));
  });

  it("for batch slots alone are not those of the market", async () => {
    const clinic = new Clinic();
    await ask(clinic, ["batch"]);
    expect(clinic.asked.map(shown)).toContain("patch batch/jobs");
    expect(clinic.asked.map(shown)).not.toContain("patch /pods/resize");
  });
});

describe("a right that is missing", () => {
  it("fails its row, which names the verbs and what grants them; the other rows are as they were", async () => {
    const clinic = new Clinic();
    clinic.allows = ({ resource, verb }) => resource !== "leases" || verb === "get";
    const failed = (await ask(clinic, ["market"])).filter(({ verdict }) => verdict !== "ok");
    expect(failed).toEqual([
      {
        check: "rights to leases.coordination.k8s.io",
        verdict: "fail",
        detail:
          "may not create, update (no rule grants it) in walras-system: bind Role walras-controller-lease of deploy/",
      },
    ]);
  });

  it("only warns where the controller can do without, and asks for one object alone", async () => {
    const clinic = new Clinic();
    clinic.allows = ({ resource }) => resource !== "secrets";
    const found = (await ask(clinic, ["market"])).filter(({ verdict }) => verdict !== "ok");
    expect(found).toEqual([
      {
        check: "rights to secrets",
        verdict: "warn",
        detail:
          "may not get, patch (no rule grants it) in walras-system: bind Role walras-controller-identity of deploy/, for --tls-issue=self",
      },
    ]);
    const asked = clinic.asked.filter(({ resource }) => resource === "secrets" || resource === "configmaps");
    expect(new Set(asked.map(({ name }) => name))).toEqual(new Set(["walras-tls", "walras-controller-ca"]));
  });

  it("of a subresource is no right to its object", async () => {
    const clinic = new Clinic();
    clinic.allows = ({ subresource }) => subresource === undefined;
    const failed = (await ask(clinic, ["market"])).filter(({ verdict }) => verdict === "fail");
    expect(failed.map(({ check }) => check)).toEqual([
      "rights to pods/resize",
      "rights to podallocations.allocation.mbcas.io/status",
    ]);
    expect(failed[0]?.detail).toContain("bind ClusterRole walras-market");
  });
});
