import { execa } from "execa";
import { beforeAll, describe, expect, it } from "vitest";

import { walrasProgram } from "../program.ts";
import { shellScripts } from "./scripts.ts";
import { completables } from "./tree.ts";

const tree = completables(walrasProgram("walras"));
let bash = "";

beforeAll(() => {
  bash = shellScripts["bash"]?.(tree) ?? "";
});

/** What bash itself would offer for the line, its last word being typed. */
async function offered(line: string): Promise<string[]> {
  const words = line.split(" ");
  const asked = `${bash}
COMP_WORDS=(${words.map((word) => `'${word}'`).join(" ")}); COMP_CWORD=${words.length - 1}
_walras; printf '%s\\n' "\${COMPREPLY[@]}"`;
  const { stdout } = await execa("bash", ["--norc", "-c", asked], { env: { PATH: process.env["PATH"] ?? "" } });
  return stdout.split("\n").filter((word) => word !== "");
}

describe("completion for bash", () => {
  it.each([
    ["walras ex", ["explain"]],
    ["walras explain ", ["pod", "node", "app", "slot", "gpu", "intent"]],
    ["walras carla pl", ["plan"]],
    ["walras carla plan --po", ["--policy"]],
    ["walras top --output ", ["table", "json", "yaml"]],
    ["walras top -o js", ["json"]],
    ["walras top pods --sor", ["--sort"]],
    ["walras top --sort pr", ["price", "promised"]],
    ["walras completion ", ["bash", "zsh", "fish"]],
    // Any value will do: bash goes on with files.
    ["walras top --kubeconfig ", []],
  ])("of %j offers %j", async (line, expected) => {
    const words = await offered(line);
    expect(words.filter((word) => !word.startsWith("-") || line.includes("-"))).toEqual(expected);
  });

  it("is registered, and does not offer what is hidden", async () => {
    const { stdout } = await execa("bash", ["--norc", "-c", `${bash}\ncomplete -p walras`]);
    expect(stdout).toBe("complete -o default -F _walras walras");
    expect(await offered("walras ru")).toEqual([]);
  });
});

describe("completion for every shell", () => {
  it.each(["bash", "zsh", "fish"])("%s knows every command and every flag", (shell) => {
    const script = shellScripts[shell]?.(tree) ?? "";
    expect(tree.length).toBeGreaterThan(20);
    for (const { path, flags } of tree) {
      expect(script).toContain(path.join(" "));
      for (const { names } of flags)
        for (const name of names) expect(script).toContain(shell === "fish" ? name.replace(/^-+/, "") : name);
    }
  });
});
