// What docs/cli.md shows of the command line is what that prints.
import { type ChildProcess, spawn } from "node:child_process";
import { globSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { execa } from "execa";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";

import { type Sample, samplesIn, untrue } from "./samples.ts";

const root = join(import.meta.dirname, "..");
const program = join(root, "packages", "cli", "src", "main.ts");
const folder = mkdtempSync(join(tmpdir(), "walras-samples-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const samplesOf = (file: string): readonly Sample[] => samplesIn(readFileSync(join(root, "docs", file), "utf8"));
const samples = samplesOf("cli.md");
const named = (pattern: RegExp): readonly Sample[] => samples.filter(({ command }) => pattern.test(command));

/** In the shell of whoever has it installed, or has a checkout; both outputs as a terminal has them, without progress. */
async function printed(command: string, env: Readonly<Record<string, string>> = {}): Promise<string> {
  const installed = `walras() { "$NODE" "$WALRAS" "$@"; }; pnpm() { shift; "$@"; };`;
  const { all } = await execa("bash", ["-c", `${installed} ${command}`], {
    cwd: folder,
    env: { HOME: folder, KUBECONFIG: "", NODE: process.execPath, WALRAS: program, ...env },
    all: true,
    reject: false,
  });
  return all.replaceAll(/^(simulating|replaying) \d+%\n/gm, "");
}

describe("samples that need no cluster", () => {
  beforeAll(() => {
    symlinkSync(join(root, "deploy"), join(folder, "deploy"));
    for (const { command, printed: lines } of samplesOf("gpu.md")) {
      const file = /^cat (\w+\.json)$/.exec(command)?.[1];
      if (file !== undefined) writeFileSync(join(folder, file), lines.join("\n"));
    }
  });

  it.each(
    named(
      /walras (market clear|carla plan|carla simulate|gpu plan|intent plan|simulate|top --kubeconfig)|> state.json/,
    ),
  )("are true: $command", async (sample) => {
    expect(untrue(sample, await printed(sample.command))).toEqual([]);
  });

  it("are found", () => {
    expect(named(/market clear|(carla|gpu|intent) plan|walras (carla )?simulate/)).toHaveLength(7);
  });
});

describe("samples of a cluster", () => {
  let demo: ChildProcess;
  let kubeconfig = "";
  let url = "";

  beforeAll(async () => {
    demo = spawn(process.execPath, [program, "demo", "--headless"], {
      env: { ...process.env, TMPDIR: folder },
      stdio: "ignore",
    });
    const port = await vi.waitFor(startedOn, { timeout: 60_000, interval: 200 });
    url = `http://127.0.0.1:${port}`;
    kubeconfig = globSync(join(folder, "walras-demo-*", "kubeconfig"))[0] ?? "";
    await vi.waitFor(async () => expect(await shown("walras top pods -n shop")).toContain("cart-0"), {
      timeout: 60_000,
      interval: 500,
    });
  }, 120_000);

  afterAll(async () => {
    const ended = new Promise((resolve) => demo.once("exit", resolve));
    demo.kill("SIGTERM");
    await ended;
  });

  /** @throws Error until the controller says where its ops port is */
  function startedOn(): number {
    const log = globSync(join(folder, "walras-demo-*", "controller.log"))[0] ?? "";
    const port = /"opsPort":(\d+)/.exec(readFileSync(log, "utf8"))?.[1];
    if (port === undefined) throw new Error("the controller has not started");
    return Number(port);
  }

  const shown = (command: string): Promise<string> =>
    printed(command.replace("http://127.0.0.1:9090", url), { KUBECONFIG: kubeconfig });

  const headOf = (line = ""): readonly string[] => line.trim().split(/ {2,}/);

  it.each(named(/^walras (top (nodes|pods -n shop)|plan|savings)/))("have the columns of: $command", async (sample) => {
    const [head] = (await shown(sample.command)).split("\n");
    expect(headOf(sample.printed[0])).toEqual(headOf(head));
  });

  it("have the fields of top as JSON, each of its kind", async () => {
    const [sample] = named(/^walras top pods .*-o json/);
    const [told] = JSON.parse(await shown(sample?.command ?? "")) as readonly object[];
    const inDocument = JSON.parse(`${sample?.printed[0]?.replace(/,…$/, "") ?? ""}]`) as readonly object[];
    expect(Object.keys(inDocument[0] ?? {})).toEqual(Object.keys(told ?? {}));
    expect(told).toMatchObject({ throttledSecondsPerMinute: expect.any(Number) as number });
  });

  it("name the numbers of a pod", async () => {
    const [sample] = named(/^walras explain pod/);
    const numbersOf = (lines: readonly string[]): readonly string[] =>
      lines.flatMap((line) => /^ {2}([a-z ]+?) {2,}\S/.exec(line)?.[1] ?? []);
    const told = numbersOf((await shown(sample?.command ?? "")).split("\n"));
    expect(told.length).toBeGreaterThan(5);
    expect(numbersOf(sample?.printed ?? [])).toEqual(told);
  });

  it.each(named(/^walras (explain gpu|top --sort luck)/))("are true: $command", async (sample) => {
    expect(untrue(sample, await shown(sample.command))).toEqual([]);
  });
});

describe("a sample", () => {
  const [first, second] = samplesIn("```\n$ echo 'a\n  b' | walras x\none\ntwo …\n…\n\n$ walras y\nlast\n```\n");

  it("is a command, over as many lines as its quotes are, and what it prints", () => {
    expect(first).toEqual({ command: "echo 'a\n  b' | walras x", printed: ["one", "two …", "…"] });
    expect(second).toEqual({ command: "walras y", printed: ["last"] });
  });

  it("is true by its lines, and by the beginnings of those that are cut", () => {
    const all = { command: "", printed: [], ...first };
    expect(untrue(all, "one\ntwo and more\nothers\n")).toEqual([]);
    expect(untrue(all, "one\nthree\n")).toEqual(["two …"]);
    expect(untrue({ command: "", printed: ["last"] }, "last\nmore\n")).toEqual(["not shown: more"]);
  });
});
