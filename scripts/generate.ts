// Writes everything that is made from something else: the wire types, the CRDs, what the chart has of deploy/, tables of documents.
import { mkdir, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";

import { execa } from "execa";
import { stringify } from "yaml";

import {
  creationBindings,
  creationPolicies,
  creationProfileCrd,
  gpuSchedulingMapCrd,
  guardBindings,
  guardPolicies,
  intentCrd,
  kpiProfileCrd,
  podAllocationCrd,
  workloadProfileCrd,
} from "../packages/api/src/index.ts";
import { fileJsonSchema } from "../packages/controller/src/config.ts";
import { chartFiles } from "./chart/files.ts";
import { writeDescriptors } from "./descriptors.ts";
import { writeTables } from "./tables.ts";

const root = join(import.meta.dirname, "..");
const header = "# Made from packages/api by `pnpm gen`. Do not edit.\n";

await execa("buf", ["lint"], { cwd: root, preferLocal: true, stdio: "inherit" });
await execa("buf", ["generate"], { cwd: root, preferLocal: true, stdio: "inherit" });
await writeDescriptors(
  root,
  ["externalscaler.proto", "grpc/health/v1/health.proto", "grpc/reflection/v1/reflection.proto"],
  join("packages", "proto", "src", "gen", "descriptors.ts"),
);

const deploy = join(root, "deploy");
for (const [folder, file, objects] of [
  ["crds", "podallocations.yaml", [podAllocationCrd()]],
  ["crds", "workloadprofiles.yaml", [workloadProfileCrd()]],
  ["crds", "gpuschedulingmaps.yaml", [gpuSchedulingMapCrd()]],
  ["crds", "intents.yaml", [intentCrd()]],
  ["crds", "kpiprofiles.yaml", [kpiProfileCrd()]],
  ["sizing", "creationprofiles.yaml", [creationProfileCrd()]],
  ["sizing", "policies.yaml", creationPolicies()],
  ["sizing", "bindings.yaml", creationBindings()],
  [join("kustomize", "policies"), "policies.yaml", guardPolicies()],
  [join("kustomize", "policies"), "bindings.yaml", guardBindings()],
] as const) {
  await mkdir(join(deploy, folder), { recursive: true });
  const documents = objects.map((object) => stringify(object, { aliasDuplicateObjects: false, lineWidth: 0 }));
  await writeFile(join(deploy, folder, file), header + documents.join("---\n"));
}
for (const [file, text] of await chartFiles(deploy)) {
  await mkdir(dirname(join(deploy, file)), { recursive: true });
  await writeFile(join(deploy, file), text);
}
const schemaFile = join(root, "docs", "controller-config.schema.json");
await writeFile(schemaFile, `${JSON.stringify(fileJsonSchema(), null, 2)}\n`);
await writeTables();
