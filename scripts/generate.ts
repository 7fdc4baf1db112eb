// Writes everything that is made from something else: the wire types and the CRDs.
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";

import { execa } from "execa";
import { stringify } from "yaml";

import { podAllocationCrd } from "../packages/api/src/index.ts";
import { writeDescriptors } from "./descriptors.ts";

const root = join(import.meta.dirname, "..");
const header = "# Made from packages/api by `pnpm gen`. Do not edit.\n";

await execa("buf", ["lint"], { cwd: root, preferLocal: true, stdio: "inherit" });
await execa("buf", ["generate"], { cwd: root, preferLocal: true, stdio: "inherit" });
await writeDescriptors(
  root,
  ["externalscaler.proto", "grpc/health/v1/health.proto", "grpc/reflection/v1/reflection.proto"],
  join("packages", "proto", "src", "gen", "descriptors.ts"),
);

const crds = join(root, "deploy", "crds");
await mkdir(crds, { recursive: true });
const yaml = stringify(podAllocationCrd(), { aliasDuplicateObjects: false, lineWidth: 0 });
await writeFile(join(crds, "podallocations.yaml"), header + yaml);
