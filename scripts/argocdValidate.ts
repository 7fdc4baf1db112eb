// Checks deploy/argocd before it is applied: schemas, selectors and cluster Secrets, projects against what the charts make, scheduling maps.
// usage: argocdValidate.ts [--folder DIR] [--nodes NAME,NAME] [--kubeconfig FILE] [--argocd-namespace NAME] [--without-helm]
// Exit code: 0 all is well, 1 something is not, 2 it could not be checked.
import { readFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { parseArgs } from "node:util";

import { describeError } from "../packages/kit/src/index.ts";
import { shown } from "./argocd/finding.ts";
import { installedHelm } from "./argocd/helm.ts";
import { askCluster } from "./argocd/live.ts";
import { loadFolder } from "./argocd/load.ts";
import type { Schemas } from "./argocd/schema.ts";
import { validate, type World } from "./argocd/validate.ts";

const root = join(import.meta.dirname, "..");

async function main(): Promise<number> {
  const { values: flags } = parseArgs({
    options: {
      folder: { type: "string", default: join("deploy", "argocd") },
      nodes: { type: "string" },
      kubeconfig: { type: "string" },
      "argocd-namespace": { type: "string", default: "argocd" },
      "without-helm": { type: "boolean", default: false },
    },
  });
  const charts = flags["without-helm"] ? null : await installedHelm(root, process.env);
  if (charts === null && !flags["without-helm"])
    throw new Error(
      "helm is not on the PATH, nor named by HELM: with --without-helm nothing is said of what charts make",
    );
  const live = flags.kubeconfig === undefined ? null : await askCluster(flags.kubeconfig, flags["argocd-namespace"]);
  const named = flags.nodes === undefined ? null : new Set(flags.nodes.split(","));
  const world: World = {
    charts,
    schemas: live?.schemas ?? (await vendored()),
    clusters: live?.clusters ?? [],
    nodes: named ?? live?.nodes ?? null,
  };
  const { sources, unread } = await loadFolder(resolve(root, flags.folder), root);
  const findings = [...unread, ...(await validate(sources, world))];
  for (const finding of findings) console.error(shown(finding));
  console.log(summary(sources.length, findings.length, world));
  return findings.length === 0 ? 0 : 1;
}

async function vendored(): Promise<Schemas> {
  return JSON.parse(await readFile(join(import.meta.dirname, "argocd", "schemas.json"), "utf8")) as Schemas;
}

function summary(objects: number, wrong: number, { schemas, nodes, charts }: World): string {
  const version = schemas.of.split(",")[0];
  const unchecked = [
    ...(nodes === null ? ["names of nodes (--nodes or --kubeconfig)"] : []),
    ...(charts === null ? ["what charts make"] : []),
  ];
  const left = unchecked.length === 0 ? "" : `; not checked: ${unchecked.join(", ")}`;
  return `${objects} objects, ${wrong} findings, by the schemas of ${version}${left}`;
}

main().then(
  (code) => process.exit(code),
  (error: unknown) => {
    console.error(`argocd:validate: ${describeError(error)}`);
    process.exit(2);
  },
);
