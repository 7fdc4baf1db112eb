import { mkdir, readFile } from "node:fs/promises";
import { join } from "node:path";

import { execa } from "execa";

interface Loaded {
  readonly Layers: readonly string[];
}

/** Unpacks the layers of an image's archive, one above the other. @param folder that is not there yet @returns the root file system */
export async function unpackImage(archive: string, folder: string): Promise<string> {
  const [blobs, rootfs] = [join(folder, "blobs"), join(folder, "rootfs")];
  for (const made of [blobs, rootfs]) await mkdir(made, { recursive: true });
  await execa("tar", ["--extract", "--directory", blobs, "--file", archive]);
  const [loaded] = JSON.parse(await readFile(join(blobs, "manifest.json"), "utf8")) as readonly Loaded[];
  for (const layer of loaded?.Layers ?? [])
    await execa("tar", ["--extract", "--gzip", "--directory", rootfs, "--file", join(blobs, layer)]);
  return rootfs;
}
