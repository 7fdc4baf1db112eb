import { readFileSync } from "node:fs";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { execa } from "execa";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { parse, stringify } from "yaml";

import { anchorsOf } from "../markdown.ts";
import { alertCases } from "./alertCases.ts";

const root = join(import.meta.dirname, "..", "..");
const rulesFile = join(root, "deploy", "monitoring", "rules.yaml");

interface Alert {
  readonly alert: string;
  readonly expr: string;
  readonly labels: { readonly severity: string };
  readonly annotations: { readonly summary: string; readonly runbook_url: string };
}

interface Group {
  readonly name: string;
  readonly rules: readonly Alert[];
}

const { groups } = parse(readFileSync(rulesFile, "utf8")) as {
  readonly groups: readonly Group[];
};
const alerts = groups.flatMap(({ rules }) => rules);
const runbooks = readFileSync(join(root, "docs", "operate.md"), "utf8");
const { failed: noPromtool } = await execa("promtool", ["--version"], { reject: false });
let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "walras-alerts-"));
});
afterAll(() => rm(folder, { recursive: true }));

async function promtool(...args: string[]): Promise<string> {
  const { exitCode, all } = await execa("promtool", args, { reject: false, all: true });
  return exitCode === 0 ? "" : all;
}

/** A test of promtool for each alert of a group: how many of its name fire after a while. */
function groupTest({ rules }: Group, rulesOfGroup: string, which: "fires" | "quiet"): object {
  const tests = rules.map(({ alert }) => {
    const one = alertCases[alert]!;
    return {
      name: `${alert} ${which}`,
      interval: "1m",
      input_series: Object.entries(one[which]).map(([series, values]) => ({ series, values })),
      promql_expr_test: [
        {
          expr: `count(ALERTS{alertname="${alert}",alertstate="firing"}) or vector(0)`,
          eval_time: `${one.after}m`,
          exp_samples: [{ labels: "{}", value: which === "fires" ? 1 : 0 }],
        },
      ],
    };
  });
  return { rule_files: [rulesOfGroup], evaluation_interval: "1m", tests };
}

/** Each group by itself: promtool evaluates all rules of a file for each test. @returns the files of the tests */
function writeTests(which: "fires" | "quiet"): Promise<readonly string[]> {
  return Promise.all(
    groups.map(async (group) => {
      const rules = join(folder, `${group.name}.yaml`);
      const tests = join(folder, `${group.name}-${which}.yaml`);
      await writeFile(rules, stringify({ groups: [group] }));
      await writeFile(tests, stringify(groupTest(group, rules, which)));
      return tests;
    }),
  );
}

describe("the alerts", () => {
  it("have each a case in which they fire and one in which they do not", () => {
    expect(Object.keys(alertCases).toSorted()).toEqual(alerts.map(({ alert }) => alert).toSorted());
  });

  it("have each a runbook, and each runbook its alert", () => {
    const headings = [...runbooks.matchAll(/^### (\w+)$/gm)].map(([, name = ""]) => name);
    expect(headings.toSorted()).toEqual(alerts.map(({ alert }) => alert).toSorted());
    const anchors = anchorsOf(runbooks);
    for (const { annotations } of alerts) {
      const [file, anchor = ""] = annotations.runbook_url.split("#");
      expect(file).toBe("docs/operate.md");
      expect(anchors).toContain(anchor);
    }
  });

  it("say in a sentence what is the matter, and how bad it is", () => {
    for (const { annotations, labels } of alerts) {
      expect(annotations.summary).toMatch(/^[A-Z"{].*\.$/);
      expect(["critical", "warning", "info"]).toContain(labels.severity);
    }
  });

  it.skipIf(noPromtool)("are rules that Prometheus takes", async () => {
    expect(await promtool("check", "rules", rulesFile)).toBe("");
  });

  it.skipIf(noPromtool).each(["fires", "quiet"] as const)(
    "%s: by Prometheus' own evaluation",
    async (which) => {
      expect(await promtool("test", "rules", ...(await writeTests(which)))).toBe("");
    },
    120_000,
  );
});
