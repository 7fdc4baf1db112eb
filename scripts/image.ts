// Packs the image of a program from this machine's Node.js, for `docker load`, `ctr images import` and `kind load image-archive`.
// usage: image.ts controller|agent|posture|gpu-check --out FILE [--name REPOSITORY:TAG] [--level 1-9]
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { parseArgs } from "node:util";

import { packImage } from "./image/pack.ts";
import { programNamed } from "./image/programs.ts";

const { values, positionals } = parseArgs({
  options: { out: { type: "string" }, name: { type: "string" }, level: { type: "string", default: "9" } },
  allowPositionals: true,
});
const program = programNamed(positionals[0]);
if (values.out === undefined) throw new Error("--out names no file");
const { version } = JSON.parse(await readFile(join(import.meta.dirname, "..", "package.json"), "utf8")) as {
  readonly version: string;
};
const name = values.name ?? `docker.io/library/walras-${program}:${version}`;
const { out, bytes, compressedBytes } = await packImage({
  program,
  name,
  out: values.out,
  level: Number(values.level),
});
const mebibytes = (count: number): string => `${(count / 2 ** 20).toFixed(1)} MiB`;
process.stdout.write(`${name} in ${out}: ${mebibytes(compressedBytes)} compressed, ${mebibytes(bytes)} unpacked\n`);
