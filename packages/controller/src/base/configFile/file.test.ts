import { Command, Option } from "commander";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { stringify } from "yaml";
import { z } from "zod";

import { separated } from "../config/flags.ts";
import { ConfigFileError } from "./errors.ts";
import { ConfigFile } from "./file.ts";
import { fileKeys, fileSchema, valueOf } from "./keys.ts";

const program = new Command()
  .option("--config <file>", "never in a file")
  .addOption(new Option("--mode <mode>", "how far").choices(["off", "full"]).default("off"))
  .option("--names <names>", "some", separated, [])
  .option("--port <port>", "where")
  .option("--no-rank", "leave ranks alone")
  .option("--evict", "evict", false);
const schema = fileSchema(program, { rules: z.array(z.strictObject({ weight: z.number().min(1) })) });

function refused(text: string): readonly string[] {
  try {
    return Object.keys(new ConfigFile("c.yaml", text, schema).values);
  } catch (error) {
    if (error instanceof ConfigFileError) return error.message.split("\n");
    throw error;
  }
}

describe("a configuration file", () => {
  it("has the names of flags as keys, and values as these take them", () => {
    const { values } = new ConfigFile(
      "c.yaml",
      "mode: full\nnames: a, b\nport: 80\nrank: false\nevict: true\n",
      schema,
    );
    const read = fileKeys(program)
      .filter(({ key }) => key in values)
      .map((key) => [key.attribute, valueOf(key, values[key.key])]);
    expect(Object.fromEntries(read)).toEqual({
      mode: "full",
      names: ["a", "b"],
      port: "80",
      rank: false,
      evict: true,
    });
  });

  it("may be empty", () => {
    for (const text of ["", "# nothing yet\n", "---\n"])
      expect(new ConfigFile("c.yaml", text, schema).values).toEqual({});
  });

  it("is refused as a whole, with line, column and key of everything that is wrong", () => {
    const text = `# a comment
mode: half
evict: "yes"
mod: full
rules:
  - weight: 2
  - weight: 0
    wieght: 3
`;
    expect(refused(text)).toEqual([
      expect.stringMatching(/^c\.yaml:2:7: mode: "half" is not valid \(.*"off"\|"full"\)$/),
      expect.stringMatching(/^c\.yaml:3:8: evict: "yes" is not valid \(.*expected boolean/),
      expect.stringMatching(/^c\.yaml:7:13: rules\[1\]\.weight: 0 is not valid/),
      expect.stringMatching(/^c\.yaml:8:5: rules\[1\]\.wieght: there is no such key$/),
      "c.yaml:4:1: mod: there is no such key: did you mean mode?",
    ]);
  });

  it.each([
    ["mode: full\nmode: off\n", /^c\.yaml:2:1: .*unique/],
    ["mode: [full\n", /^c\.yaml:\d+:\d+: /],
    ["- mode\n", /^c\.yaml:1:1: the file: \["mode"\] is not valid/],
    ["config: other.yaml\n", /^c\.yaml:1:1: config: there is no such key/],
    ["mode: *away\n", /^c\.yaml:\d+:\d+: /],
    [`names: ${"x".repeat(2 ** 20)}`, /^c\.yaml:1:1: has more than 1048576 bytes/],
  ])("that cannot be read is refused: %#", (text, complaint) => {
    expect(refused(text)[0]).toMatch(complaint);
  });

  it("tells the place of a key wherever that stands, whatever is before it", () => {
    const key = fc.constantFrom("port", "names", "mode", "evict");
    const comment = fc.array(fc.constantFrom("# note", "", "# mode: half"), { maxLength: 5 });
    fc.assert(
      fc.property(fc.uniqueArray(key, { maxLength: 3 }), comment, fc.nat(3), (before, comments, indent) => {
        const good = { port: 1, names: ["a"], mode: "off", evict: true };
        const lines = [...before.map((one) => stringify({ [one]: good[one] }).trimEnd()), ...comments].join("\n");
        const text = `${lines}\nrank:${" ".repeat(indent + 1)}often\n`;
        const line = text.slice(0, text.indexOf("\nrank:") + 1).split("\n").length;
        expect(refused(text)).toEqual([expect.stringContaining(`c.yaml:${line}:${7 + indent}: rank: "often"`)]);
      }),
    );
  });
});
