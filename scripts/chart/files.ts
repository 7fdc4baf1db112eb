// What of deploy/ stands in another form elsewhere: the chart cannot read outside of its folder, and an operator wants rules in its own kind.
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";

import { parse, parseAllDocuments, stringify } from "yaml";

import { dashboards } from "../monitoring/dashboards.ts";
import { grafanaDashboard } from "../monitoring/grafana.ts";

const made = (from: string): string => `# Made from ${from} by \`pnpm gen\`. Do not edit.\n`;
const chart = join("helm", "walras", "files");

/** Roles by the name of what needs them in the chart: the file and the role there, of which sort if there are two of the name. */
const roles = {
  base: ["kustomize/base/rbac.yaml", "walras-base"],
  market: ["kustomize/base/rbac.yaml", "walras-market"],
  lease: ["kustomize/base/rbac.yaml", "walras-controller-lease"],
  identity: ["kustomize/base/rbac.yaml", "walras-controller-identity"],
  batch: ["roles/batch/role.yaml", "walras-batch"],
  eviction: ["roles/eviction/role.yaml", "walras-eviction"],
  gpu: ["roles/gpu/role.yaml", "walras-gpu"],
  intents: ["roles/intents/role.yaml", "walras-intents"],
  sizing: ["roles/sizing/role.yaml", "walras-sizing"],
  carla: ["roles/carla/role.yaml", "walras-carla"],
  dashboard: ["kustomize/parts/dashboard/rbac.yaml", "walras-dashboard-reader"],
  webhook: ["gpu/webhook/rbac.yaml", "gpu-scheduler-webhook", "Role"],
  "webhook-configuration": ["gpu/webhook/rbac.yaml", "gpu-scheduler-webhook", "ClusterRole"],
} as const satisfies Readonly<Record<string, readonly [file: string, role: string, kind?: string]>>;

/** Folders of deploy/ by their name in the chart. */
const copied = { crds: "crds", sizing: "sizing", guards: join("kustomize", "policies") } as const;

/**
 * Every such file by its path below deploy/.
 *
 * @throws Error for a role that is not where it is looked for
 */
export async function chartFiles(deploy: string): Promise<ReadonlyMap<string, string>> {
  const files = new Map<string, string>();
  const read = (file: string): Promise<string> => readFile(join(deploy, file), "utf8");
  files.set(join(chart, "roles.yaml"), await rolesText(read));
  files.set(join(chart, "webhook.yaml"), await read("gpu/webhook/configuration.yaml"));
  for (const [own, folder] of Object.entries(copied))
    for (const name of await readdir(join(deploy, folder)))
      if (name !== "kustomization.yaml") files.set(join(chart, own, name), await read(join(folder, name)));
  const rules = await read("monitoring/rules.yaml");
  files.set(join(chart, "rules.yaml"), rules);
  files.set(join("monitoring", "prometheusrule.yaml"), prometheusRule(rules));
  for (const [name, dashboard] of Object.entries(dashboards)) {
    const text = `${JSON.stringify(grafanaDashboard(dashboard), null, 2)}\n`;
    files.set(join("monitoring", "dashboards", `${name}.json`), text);
    files.set(join(chart, "dashboards", `${name}.json`), text);
  }
  return files;
}

async function rolesText(read: (file: string) => Promise<string>): Promise<string> {
  const rules: Record<string, unknown> = {};
  for (const [name, [file, role, sort]] of Object.entries<readonly [string, string, string?]>(roles)) {
    type Role = { readonly kind: string; readonly metadata: { readonly name: string }; readonly rules: unknown };
    const documents = parseAllDocuments(await read(file)).map((document) => document.toJS() as Role);
    const isSort = (kind: string): boolean => (sort === undefined ? /^(Cluster)?Role$/.test(kind) : kind === sort);
    const found = documents.find(({ kind, metadata }) => isSort(kind) && metadata.name === role);
    if (found === undefined) throw new Error(`deploy/${file}: there is no role ${role}`);
    rules[name] = found.rules;
  }
  return made("the roles of deploy/kustomize, deploy/roles and deploy/gpu/webhook") + stringify(rules);
}

function prometheusRule(rules: string): string {
  const metadata = { name: "walras", labels: { "app.kubernetes.io/name": "walras" } };
  const object = {
    apiVersion: "monitoring.coreos.com/v1",
    kind: "PrometheusRule",
    metadata,
    spec: parse(rules) as object,
  };
  return made("rules.yaml") + stringify(object, { lineWidth: 0 });
}
