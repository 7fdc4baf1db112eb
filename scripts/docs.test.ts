import { existsSync, globSync, readdirSync, readFileSync, statSync } from "node:fs";
import { basename, dirname, join, relative, resolve } from "node:path";

import { execa } from "execa";
import { describe, expect, it } from "vitest";

import { command } from "../packages/controller/src/config.ts";
import { configVerdicts } from "../packages/controller/src/base/configFile/observer.ts";
import { batchVerdicts } from "../packages/controller/src/parts/batch/explain/verdicts.ts";
import { carlaVerdicts } from "../packages/controller/src/parts/carla/explain/verdicts.ts";
import { gpuVerdicts } from "../packages/controller/src/parts/gpu/explain/verdicts.ts";
import { admissionVerdicts } from "../packages/controller/src/parts/gpu/admission/verdicts.ts";
import { intentVerdicts } from "../packages/controller/src/parts/intents/explain/verdicts.ts";
import { marketVerdicts } from "../packages/controller/src/parts/market/explain/verdicts.ts";
import { identityVerdicts } from "../packages/controller/src/base/telemetry/agents/verdicts.ts";
import { telemetryVerdicts } from "../packages/controller/src/base/telemetry/verdicts.ts";
import { flagNames } from "../packages/node-agent/src/config.ts";
import { anchorsOf, linesOutsideFences, linksIn } from "./markdown.ts";

const root = join(import.meta.dirname, "..");
const mostBytes = 8192;
const mostChars = 160;

const textOf = (file: string): string => readFileSync(join(root, file), "utf8");

/** Markdown below these folders, from the root; what is installed is not ours. */
function markdownBelow(...folders: readonly string[]): string[] {
  return folders.flatMap((folder) =>
    readdirSync(join(root, folder), { recursive: true, encoding: "utf8" })
      .filter((name) => name.endsWith(".md") && !name.includes("node_modules"))
      .map((name) => join(folder, name)),
  );
}

const documents = ["README.md", ...markdownBelow("docs")];
const others = markdownBelow("packages", "deploy", "e2e");

/** What is wrong with a link; null: it leads somewhere. */
function complaint(file: string, link: string): string | null {
  if (/^[a-z]+:/.test(link)) return null;
  const [path = "", anchor] = link.split("#");
  const target = path === "" ? join(root, file) : resolve(root, dirname(file), path);
  if (!existsSync(target) || relative(root, target).startsWith("..")) return `${link}: no such file`;
  if (anchor === undefined) return null;
  if (statSync(target).isDirectory() || !target.endsWith(".md")) return `${link}: has no anchors`;
  return anchorsOf(readFileSync(target, "utf8")).has(anchor) ? null : `${link}: no such heading`;
}

/** Sources by the file's name without its end; several may have one name. */
function sources(): Map<string, string[]> {
  const found = new Map<string, string[]>();
  for (const folder of ["packages/*/src", "packages/*/test", "e2e/suites", "scripts"])
    for (const path of globSync(`${folder}/**/*.ts`, { cwd: root })) {
      const name = basename(path, ".ts");
      found.set(name, [...(found.get(name) ?? []), textOf(path)]);
    }
  return found;
}

describe("docs/migrate.md", () => {
  it("names tests that exist", () => {
    const named = [...textOf("docs/migrate.md").matchAll(/`([\w.]+) › ([^`]*)`/g)];
    expect(named.length).toBeGreaterThan(30);
    const byName = sources();
    const isThere = (file: string, title: string): boolean =>
      (byName.get(file) ?? []).some((text) =>
        new RegExp(`\\b(it|test)(\\.each\\([^)]*\\))?\\(\\s*"${escaped(title)}`).test(text),
      );
    expect(named.filter(([, file = "", title = ""]) => !isThere(file, title)).map(([all]) => all)).toEqual([]);
  });
});

const escaped = (text: string): string => text.replaceAll(/[.*+?^${}()|[\]\\]/g, "\\$&");

describe("README.md", () => {
  it(`is at most ${mostBytes} bytes`, () => {
    expect(Buffer.byteLength(textOf("README.md"))).toBeLessThanOrEqual(mostBytes);
  });

  it("links every document", () => {
    const reached = new Set<string>();
    const visit = (file: string): void => {
      if (reached.has(file)) return;
      reached.add(file);
      for (const link of linksIn(textOf(file))) {
        const target = relative(root, resolve(root, dirname(file), link.split("#")[0] ?? ""));
        if (documents.includes(target)) visit(target);
      }
    };
    visit("README.md");
    expect(documents.filter((file) => !reached.has(file))).toEqual([]);
  });
});

describe.each(documents)("%s", (file) => {
  it(`has no line over ${mostChars} characters`, () => {
    expect(linesOutsideFences(textOf(file)).filter((line) => line.length > mostChars)).toEqual([]);
  });
});

describe.each([...documents, ...others])("links of %s", (file) => {
  it("lead somewhere", () => {
    expect(linksIn(textOf(file)).flatMap((link) => complaint(file, link) ?? [])).toEqual([]);
  });
});

describe("commands in the documents", () => {
  const { scripts } = JSON.parse(textOf("package.json")) as { readonly scripts: Readonly<Record<string, string>> };
  const commandOf = /(?:^|`|\$ |\| |&& )p?npm(?: --[\w-]+)* ([a-z0-9:]+)(?: ([a-z]+))?/gm;
  const commands = documents.flatMap((file) =>
    [...textOf(file).matchAll(commandOf)].map(([line, name = "", sub]) => ({ line: `${file}: ${line}`, name, sub })),
  );

  it("are scripts of the package", () => {
    expect(commands.length).toBeGreaterThan(20);
    expect(commands.filter(({ name }) => !Object.hasOwn(scripts, name)).map(({ line }) => line)).toEqual([]);
  });

  it("of the quick start are among them", () => {
    const quickStart = /## Quick start\n([^]*?)\n## /.exec(textOf("README.md"))?.[1] ?? "";
    const names = [...quickStart.matchAll(/^(?:\$ )?npm (\w+)/gm)].map(([, name]) => name);
    expect(new Set(names)).toEqual(new Set(["start", "test"]));
    for (const name of names) expect(scripts).toHaveProperty(name as string);
  });

  it("of walras are the program's", async () => {
    const { stdout } = await execa("node", [join(root, "packages", "cli", "src", "main.ts"), "--help"], {
      cwd: root,
      preferLocal: true,
    });
    const own = new Set([...stdout.matchAll(/^ {2}([a-z]+)/gm)].map(([, name]) => name));
    const strange = commands.filter(({ name, sub }) => name === "walras" && sub !== undefined && !own.has(sub));
    expect(strange.map(({ line }) => line)).toEqual([]);
  });
});

describe("what the documents say of the code", () => {
  it("names every verdict of docs/events.md as it is told; one line stands for all holds", () => {
    const verdicts = [
      telemetryVerdicts,
      identityVerdicts,
      configVerdicts,
      marketVerdicts,
      carlaVerdicts,
      batchVerdicts,
      gpuVerdicts,
      intentVerdicts,
      admissionVerdicts,
    ].flatMap((all) => Object.keys(all));
    const told = new Set(verdicts.map((name) => (name.startsWith("Held") ? "Held…" : name)));
    const rows = [...textOf("docs/events.md").matchAll(/^\| (`[^|]+) \|/gm)];
    const named = rows.flatMap(([, names = ""]) => [...names.matchAll(/`([^`]+)`/g)].map(([, name]) => name));
    expect(new Set(named)).toEqual(told);
  });

  it("names flags of the controller and of the agent that there are", () => {
    const own = new Set([...command({}).options.map(({ long }) => long), ...flagNames.map((name) => `--${name}`)]);
    const named = documents.flatMap((file) =>
      [
        ...textOf(file).matchAll(
          /`(--(?:no-)?(?:batch|carla|gpu|intents|agent|ops|history|write|tls-c|tls-k|lease)[a-z-]*)/g,
        ),
      ].map(([, flag = ""]) => flag),
    );
    expect(named.length).toBeGreaterThan(20);
    expect(named.filter((flag) => !own.has(flag))).toEqual([]);
  });
});
