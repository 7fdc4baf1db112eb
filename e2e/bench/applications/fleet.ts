import { argoUrl } from "../../harness/argo.ts";

/** By label, a third of the Applications each; budgets, by how many may be released at one time. */
export const groups = { a: 10, b: 6, c: 4 } as const;
export type Group = keyof typeof groups;
export const groupNames = Object.keys(groups) as readonly Group[];
/** The label that budgets select by. */
export const groupLabel = "group";

const maxParallel = 20;

/** When releases may begin, wall milliseconds. */
export interface Window {
  readonly opensMs: number;
  readonly closesMs: number;
}

/** Long past. */
export const closed: Window = { opensMs: Date.parse("2026-01-01T00:00Z"), closesMs: Date.parse("2026-01-01T00:01Z") };

export interface Member {
  readonly name: string;
  readonly group: Group;
}

/** So many Applications, of each group in turn. */
export function members(count: number): readonly Member[] {
  return Array.from({ length: count }, (_, index) => ({
    name: `app-${String(index + 1).padStart(4, "0")}`,
    group: groupNames[index % groupNames.length] ?? "a",
  }));
}

/** The one object of each, in a folder of its own. */
export function manifests(all: readonly Member[]): Readonly<Record<string, string>> {
  return Object.fromEntries(
    all.map(({ name }) => [
      `${name}/cm.yaml`,
      `apiVersion: v1\nkind: ConfigMap\nmetadata: {name: ${name}}\ndata: {version: "1"}\n`,
    ]),
  );
}

/** What apps.yaml says: nothing but budgets and the number in parallel is scarce. */
export function appsFile(all: readonly Member[], namespace: string): object {
  return { defaults: { namespace, r_i: 0.1, d_i: 0, risk: 0 }, apps: all.map(({ name }) => ({ name })) };
}

/** What carla_policy.yaml says. @param folder of the journal and the CSV files */
export function policyFile({ opensMs, closesMs }: Window, folder: string): object {
  return {
    thresholds: { cpu_watermark: 1, ram_watermark: 1, min_headroom: 0 },
    headroom: "assume",
    windows: { allow: [{ from: new Date(opensMs).toISOString(), until: new Date(closesMs).toISOString() }] },
    resources: { Rmax: 1000 },
    risk: { large_diff: 0, sensitive_kind: 0, failure: 0 },
    budgets: groupNames.map((name) => ({ name, selector: { [groupLabel]: name }, maxParallel: groups[name] })),
    rollout: { healthy_hold_seconds: 0 },
    tick: { seconds: 1, max_parallel_triggers: maxParallel },
    argo: { base_url: argoUrl },
    logging: { decisions_csv: `${folder}/decisions.csv`, rollouts_csv: `${folder}/rollouts.csv` },
  };
}
