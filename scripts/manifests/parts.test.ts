// deploy/kustomize with any of its components of parts runs just those beside the market, in any order.
import { join } from "node:path";

import { describe, expect, it } from "vitest";

import { readConfig } from "../../packages/controller/src/config.ts";
import { build, type Manifest } from "./load.ts";
import { type Workload, workloadOf } from "./pods.ts";
import { grantsOf } from "./roles.ts";

const kustomize = join(import.meta.dirname, "..", "..", "deploy", "kustomize");
const components = ["carla", "batch", "gpu", "intents"] as const;

/** Every choice of them: none, each, and all together. */
const choices = Array.from({ length: 2 ** components.length }, (_, number) =>
  components.filter((__, index) => (number >> index) % 2 === 1),
);

function made(chosen: readonly string[]): Promise<readonly Manifest[]> {
  return build(
    kustomize,
    chosen.map((part) => `parts/${part}`),
  );
}

const argsOf = ({ spec }: Workload): readonly string[] => spec.containers[0]?.args ?? [];

/** Of the roles that parts bring, those that are bound to the account. */
function rolesIn(objects: readonly Manifest[], account: string): readonly string[] {
  const bound = grantsOf(objects).filter(({ accounts }) => accounts.includes(account));
  const own = new Set<string>(components.map((part) => `walras-${part}`));
  return [...new Set(bound.map(({ role }) => role))].filter((role) => own.has(role)).toSorted();
}

const partsOf = (args: readonly string[]): readonly string[] => readConfig(args, {}).parts;
const named = (chosen: readonly string[]): readonly string[] => chosen.map((part) => `walras-${part}`).toSorted();

describe.each(choices.map((chosen) => ({ chosen })))("the components $chosen of deploy/kustomize", ({ chosen }) => {
  it("give a controller that runs those parts and the market, with their rights and no others", async () => {
    const objects = await made(chosen);
    expect(partsOf(argsOf(workloadOf(objects, "walras-controller")))).toEqual(["market", ...chosen]);
    expect(rolesIn(objects, "walras-system/walras-controller")).toEqual(named(chosen));
  });

  it("may be added in another order", async () => {
    const args = argsOf(workloadOf(await made(chosen.toReversed()), "walras-controller"));
    expect(partsOf(args)).toEqual(["market", ...chosen.toReversed()]);
  });

  it("mount every volume that they bring, and bring every volume that they mount", async () => {
    const { spec } = workloadOf(await made(chosen), "walras-controller");
    const names = (all: readonly { readonly name: string }[] = []): readonly string[] =>
      all.map(({ name }) => name).toSorted();
    expect(names(spec.containers[0]?.volumeMounts)).toEqual(names(spec.volumes));
  });
});

describe("the names of the prototype", () => {
  it("are kept with all components", async () => {
    const folder = join(kustomize, "overlays", "mbcas");
    const objects = await build(
      folder,
      components.map((part) => `../../parts/${part}`),
    );
    expect(partsOf(argsOf(workloadOf(objects, "mbcas-controller")))).toEqual(["market", ...components]);
    expect(rolesIn(objects, "mbcas-system/mbcas-controller")).toEqual(named(components));
  });
});
