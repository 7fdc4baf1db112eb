import { readFileSync } from "node:fs";
import { join } from "node:path";

import { describe, expect, it } from "vitest";
import { parse } from "yaml";

import { helm } from "../argocd/testing.ts";
import { chart, walras } from "./testing.ts";

const text = readFileSync(join(chart, "values.yaml"), "utf8");

interface Schema {
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly additionalProperties?: unknown;
  readonly $ref?: string;
}

const schema = JSON.parse(readFileSync(join(chart, "values.schema.json"), "utf8")) as Schema & {
  readonly $defs: Readonly<Record<string, Schema>>;
};

/** Paths of what a schema knows: an object that may hold anything is one. */
function known(one: Schema, path = ""): readonly string[] {
  const meant = one.$ref === undefined ? one : (schema.$defs[one.$ref.split("/").at(-1) ?? ""] ?? one);
  if (meant.properties === undefined) return [path];
  return Object.entries(meant.properties).flatMap(([key, inner]) => known(inner, `${path}.${key}`));
}

/** The same paths of values. */
function given(value: unknown, paths: ReadonlySet<string>, path = ""): readonly string[] {
  if (paths.has(path) || typeof value !== "object" || value === null || Array.isArray(value)) return [path];
  return Object.entries(value).flatMap(([key, inner]) => given(inner, paths, `${path}.${key}`));
}

/** Keys with a value that neither they nor what holds them has a comment on. */
function uncommented(lines: readonly string[]): readonly string[] {
  const bare: string[] = [];
  let explained = Number.POSITIVE_INFINITY;
  lines.forEach((line, index) => {
    const [, indent = "", key = "", value = ""] = /^( *)([\w./-]+):(.*)$/.exec(line) ?? [];
    if (key === "") return;
    if (indent.length <= explained) explained = Number.POSITIVE_INFINITY;
    const isTold = (lines[index - 1] ?? "").trim().startsWith("#");
    if (isTold) explained = Math.min(explained, indent.length);
    else if (value.trim() !== "" && indent.length <= explained) bare.push(line.trim());
  });
  return bare;
}

describe("the chart's values", () => {
  it("are each explained", () => {
    expect(uncommented(text.split("\n"))).toEqual([]);
    expect(uncommented(["a:", "  b: 1", "  # c", "  d:", "    e: 1", "  f: 1"])).toEqual(["b: 1", "f: 1"]);
  });

  it("are those of the schema, and all of them", () => {
    const paths = known(schema).filter((path) => path !== ".global");
    const resources = (path: string): boolean => /\.resources\.(requests|limits)$/.test(path);
    // Empty unless there is one.
    const isOptional = (path: string): boolean => path.startsWith(".tls.certManager.issuerRef.");
    expect(given(parse(text), new Set(paths)).toSorted()).toEqual(paths.filter((path) => !isOptional(path)).toSorted());
    expect(paths.filter(resources)).toHaveLength(4);
  });
});

describe.skipIf(helm === null)("values that are wrong", () => {
  it.each([
    [{ replicas: 3 }, /'replicas'/],
    [{ market: { mode: "on" } }, /market\/mode/],
    [{ controller: { replicas: 0 } }, /controller\/replicas/],
    [{ controller: { image: { digest: "sha256:1" } } }, /controller\/image\/digest/],
    [{ agent: { security: { mode: "privileged" } } }, /agent\/security\/mode/],
    [{ agent: { security: { mode: "root", capabilities: ["SYS_ADMIN"] } } }, /capabilities/],
    [{ agent: { security: { capabilities: ["SYS_PTRACE"] } } }, /agent\.security\.capabilities: only with .* root/],
    [{ agent: { enabled: false } }, /agent\.enabled: parts\.market needs agents/],
    [
      { agent: { enabled: false }, parts: { market: false, batch: true } },
      /parts\.batch needs agents, or batch\.prometheus/,
    ],
    [{ parts: { market: false } }, /parts: at least one must be true/],
    [
      { parts: { market: false, gpu: true }, market: { sizeNewPods: true } },
      /market\.sizeNewPods: needs parts\.market/,
    ],
    [{ config: { mode: "full" } }, /config\.mode: the chart sets it as a flag/],
  ])("are refused: %j", async (values, complaint) => {
    await expect(walras(values)).rejects.toThrow(complaint);
  });
});
