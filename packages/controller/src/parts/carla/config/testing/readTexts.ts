import type { ReleaseConfig } from "../policy.ts";
import { type ReadOptions, readReleaseConfig } from "../read.ts";

export const files = { policyFile: "carla_policy.yaml", appsFile: "apps.yaml" };

/** Reads from texts by name, as from a folder without other files. */
export function readerOf(texts: Readonly<Record<string, string>>): (file: string) => string {
  return (file) => {
    const name = file.split("/").at(-1) ?? file;
    const text = texts[name];
    if (text === undefined) throw new Error(`ENOENT: no such file, open '${name}'`);
    return text;
  };
}

/** The configuration that two texts state. */
export function readTexts(
  policy: string,
  apps = "apps: [{name: a}]",
  { others = {}, ...options }: Partial<ReadOptions> & { others?: Readonly<Record<string, string>> } = {},
): ReleaseConfig {
  const readText = readerOf({ [files.policyFile]: policy, [files.appsFile]: apps, ...others });
  return readReleaseConfig(files, { readText, requireArgo: false, today: "2026-06-01", ...options });
}
