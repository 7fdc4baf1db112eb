import { join } from "node:path";

import { beforeAll, describe, expect, inject, it } from "vitest";

import { build } from "../../scripts/manifests/load.ts";
import { allows, compare, type Grant, grantsOf, shown } from "../../scripts/manifests/roles.ts";
import { schedulerRights } from "../harness/gpuWebhook.ts";
import { readRecordedCalls, type RecordedCall } from "../harness/callRecorder.ts";

const deploy = join(import.meta.dirname, "..", "..", "deploy");
let grants: readonly Grant[];
let calls: readonly RecordedCall[];

/** What a role grants, and what of it the suites before this one have used. */
function lists(role: string): string {
  const granted = grants.filter((grant) => grant.role === role);
  const used = granted.filter((grant) => calls.some((call) => allows(grant, call)));
  // A role that two accounts share is there once for each.
  const list = (what: string, rights: readonly Grant[]): string =>
    `  ${what}: ${[...new Set(rights.map(shown))].join(", ")}`;
  return [role, list("granted", granted), list("used   ", used)].join("\n");
}

beforeAll(async () => {
  grants = grantsOf([
    ...(await build(
      join(deploy, "kustomize"),
      ["batch", "carla", "eviction", "gpu", "sizing"].map((part) => `parts/${part}`),
    )),
    // Shared with what is above, and bound to another account.
    ...(await build(join(deploy, "batch"), ["eviction"])),
    ...(await build(join(deploy, "carla"))),
    // Those of roles/intents are the same: see roles.test.ts.
    ...(await build(join(deploy, "ido"))),
    ...(await build(join(deploy, "gpu", "webhook"))),
    ...schedulerRights,
  ]);
  calls = inject("local") ? readRecordedCalls() : [];
});

/** Runs after all others, over what their programs have asked the API server: see callRecorder.ts. */
describe.skipIf(!inject("local"))("the shipped roles, after all suites", () => {
  it("are printed with what of them was used", () => {
    const roles = [...new Set(grants.map(({ role }) => role))];
    process.stdout.write(`${roles.map(lists).join("\n")}\n`);
    expect(roles).toContain("walras-base");
  });

  it("allowed every call: none was refused, none needed a right that no role has", () => {
    // An API server that has just started refuses for a moment what it allows: it does not have its roles yet.
    const key = ({ account, ...call }: RecordedCall): string => `${account}: ${shown(call)}`;
    const allowed = new Set(calls.filter(({ forbidden }) => !forbidden).map(key));
    expect(calls.filter(({ forbidden }) => forbidden).filter((call) => !allowed.has(key(call)))).toEqual([]);
    expect(compare(grants, calls).notGranted).toEqual([]);
  });

  it("grant nothing that was not used", () => {
    // A role that two accounts share is used when one of them uses it.
    const used = new Set(
      grants
        .filter((grant) => calls.some((call) => allows(grant, call)))
        .map((grant) => `${grant.role}: ${shown(grant)}`),
    );
    const granted = grants.map((grant) => `${grant.role}: ${shown(grant)}`);
    expect([...new Set(granted)].filter((right) => !used.has(right))).toEqual([]);
  });
});
