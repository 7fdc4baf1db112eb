import { readFileSync } from "node:fs";
import { join } from "node:path";

import { describe, expect, it } from "vitest";
import { parse } from "yaml";

import { dashboards } from "./dashboards.ts";
import { grafanaDashboard } from "./grafana.ts";

const root = join(import.meta.dirname, "..", "..");

/** Metrics as the generated table has them: their kind, and their labels. */
const told = new Map(
  [...readFileSync(join(root, "docs", "metrics.md"), "utf8").matchAll(/^\| `(\w+)` \| \w+ \| (\w+) \| (.*?) \|/gm)].map(
    ([, name = "", kind = "", labels = ""]) => [
      name,
      { kind, labels: [...labels.matchAll(/`(\w+)`/g)].map(([, label = ""]) => label) },
    ],
  ),
);
/** What Prometheus adds to each series, by where it comes from. */
const added = ["pod", "instance", "job", "namespace"];

const { groups } = parse(readFileSync(join(root, "deploy", "monitoring", "rules.yaml"), "utf8")) as {
  readonly groups: readonly { readonly rules: readonly { readonly alert: string; readonly expr: string }[] }[];
};
const expressions = [
  ...groups.flatMap(({ rules }) => rules.map(({ alert, expr }) => [alert, expr] as const)),
  ...Object.values(dashboards).flatMap(({ title, panels }) =>
    panels.flatMap((panel) => Object.values(panel.queries).map((expr) => [`${title}: ${panel.title}`, expr] as const)),
  ),
];

const metricsIn = (expr: string): readonly string[] =>
  [...expr.matchAll(/\b(?:walras|carla|available)_\w+/g)].map(([name]) => name);

/** Labels that are selected or grouped by. */
function labelsIn(expr: string): readonly string[] {
  const grouped = [...expr.matchAll(/\b(?:by|without) \(([^)]*)\)/g)].flatMap(([, names = ""]) => names.split(","));
  const selected = [...expr.matchAll(/\{([^}]*)\}/g)].flatMap(([, matchers = ""]) =>
    [...matchers.matchAll(/(\w+)(?:=|!=|=~|!~)"/g)].map(([, label = ""]) => label),
  );
  return [...grouped, ...selected].map((name) => name.trim());
}

describe("alerts and dashboards", () => {
  it("are about something", () => {
    expect(told.size).toBeGreaterThan(60);
    expect(expressions.length).toBeGreaterThan(80);
    expect(expressions.filter(([, expr]) => metricsIn(expr).length === 0)).toEqual([]);
  });

  it.each(expressions)("%s: asks for metrics and labels that there are: %s", (_, expr) => {
    const known = new Set([...added, "le"]);
    for (const name of metricsIn(expr)) {
      const base = told.get(name) ?? told.get(name.replace(/_(?:bucket|sum|count)$/, ""));
      expect(base, name).toBeDefined();
      if (!told.has(name)) expect(base?.kind, name).toBe("histogram");
      for (const label of base?.labels ?? []) known.add(label);
    }
    expect(labelsIn(expr).filter((label) => !known.has(label))).toEqual([]);
  });

  it("rate counters and histograms, and nothing else", () => {
    for (const [, expr] of expressions)
      for (const [, name = ""] of expr.matchAll(/\b(?:rate|increase)\((\w+)/g))
        expect(told.get(name.replace(/_bucket$/, ""))?.kind, expr).toMatch(/counter|histogram/);
  });
});

describe("a dashboard for Grafana", () => {
  it.each(Object.entries(dashboards))(
    "%s has panels that lie beside and below each other, each with its query",
    (_, one) => {
      interface Shown {
        readonly uid: string;
        readonly panels: readonly {
          readonly id: number;
          readonly gridPos: { readonly x: number; readonly y: number; readonly w: number };
          readonly targets: readonly { readonly expr: string; readonly refId: string }[];
        }[];
      }
      const { uid, panels } = grafanaDashboard(one) as Shown;
      expect(uid).toMatch(/^walras-/);
      expect(panels.length).toBeGreaterThan(5);
      const places = panels.map(({ gridPos: { x, y } }) => `${x},${y}`);
      expect(new Set(places).size).toBe(panels.length);
      for (const { gridPos, targets } of panels) {
        expect(gridPos.x + gridPos.w).toBeLessThanOrEqual(24);
        expect(new Set(targets.map(({ refId }) => refId)).size).toBe(targets.length);
        expect(targets.every(({ expr }) => expr !== "")).toBe(true);
      }
    },
  );

  it("has a name and an address of its own", () => {
    const all = Object.values(dashboards);
    expect(new Set(all.map(({ uid }) => uid)).size).toBe(all.length);
    expect(new Set(all.map(({ title }) => title)).size).toBe(all.length);
  });
});
