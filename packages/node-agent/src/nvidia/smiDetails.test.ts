import { chmodSync, mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { systemClock } from "@walras/kit";
import { expect, test } from "vitest";

import { type NamedDetail, readDetails, TornReadError } from "./smiDetails.ts";
import { type DoubleControl, machineOf } from "./testing/control.ts";
import { gpuList } from "./testing/list.ts";
import { xmlDocument } from "./testing/xml.ts";

/** Reads with a program that answers `-q` by one script and `-L` by another. */
function readBy(query: string, list: string): Promise<readonly NamedDetail[]> {
  const path = join(mkdtempSync(join(tmpdir(), "walras-smi-")), "nvidia-smi");
  writeFileSync(path, `#!/bin/sh\ncase "$1" in\n-q) ${query} ;;\n-L) ${list} ;;\nesac\n`);
  chmodSync(path, 0o755);
  return readDetails({ path, env: process.env, clock: systemClock }, new AbortController().signal);
}

function printing(text: string): string {
  return `cat <<'END'\n${text}\nEND\n`;
}

const divided: DoubleControl = { layout: "a100-mig" };
const document = printing(xmlDocument(machineOf(divided)));

test("calls MIG devices by the names of the list", async () => {
  const [first] = await readBy(document, printing(gpuList(machineOf(divided))));
  expect(first?.migDevices.map(({ profile, gpuInstance }) => [profile, gpuInstance])).toEqual([
    ["3g.20gb", 2],
    ["2g.10gb", 3],
    ["1g.5gb", 9],
    ["1g.5gb", 10],
  ]);
});

test("does not ask for names where there are no MIG devices", async () => {
  expect(await readBy(printing(xmlDocument(machineOf({ layout: "t4" }))), "exit 1")).toHaveLength(1);
});

test("takes no names that came of another moment", async () => {
  const { mig } = machineOf(divided).gpus[0]!;
  const fewer = { ...divided, mig: { 0: { ...mig, devices: mig.devices.slice(0, 3) } } };
  const others = printing(gpuList(machineOf(fewer)));
  await expect(readBy(document, others)).rejects.toBeInstanceOf(TornReadError);
  const before = printing(xmlDocument(machineOf(fewer)));
  await expect(readBy(before, printing(gpuList(machineOf(divided))))).rejects.toBeInstanceOf(TornReadError);
});

test.each([
  [
    "says how it ended",
    "echo 'No devices were found'; exit 6",
    "nvidia-smi -q -x: No devices were found (exit code 6)",
  ],
  ["says what it complains of", "echo 'no permission' >&2; exit 4", "nvidia-smi -q -x: no permission (exit code 4)"],
  ["is not taken by halves", "printf '<nvidia_smi_log><gpu>'", "the document has no end"],
  ["is not taken without end", "yes '<a></a>'", "nvidia-smi -q -x"],
])("what fails %s", async (_, query, complaint) => {
  await expect(readBy(query, "exit 0")).rejects.toThrow(complaint);
});
