import { mkdirSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { counterFiles, type FileTexts, fixedFiles, rootFiles, settingFiles } from "./cgroupFiles.ts";
import type { CgroupLayout } from "./cgroupNames.ts";
import type { CpuGroup } from "./cpuGroup.ts";
import { LiveFile } from "./liveFile.ts";

interface Mirrored {
  readonly group: CpuGroup;
  readonly files: Map<string, LiveFile>;
}

/** The directory of v1's CPU controllers; `cpu` and `cpuacct` are links to it, as on most distributions. */
const v1Directory = "cpu,cpuacct";

/**
 * A directory tree that looks to a reader like the node's /sys/fs/cgroup: the
 * files of the CPU controller, v1 or v2, for every group put into it.
 */
export class CgroupTree {
  readonly #version: CgroupLayout["version"];
  readonly #base: string;
  readonly #mirrored = new Map<string, Mirrored>();
  #spoiled = false;

  /** @param directory is made if need be */
  constructor(directory: string, version: CgroupLayout["version"]) {
    this.#version = version;
    this.#base = version === "v1" ? join(directory, v1Directory) : directory;
    mkdirSync(this.#base, { recursive: true });
    if (version === "v1") for (const link of ["cpu", "cpuacct"]) symlinkSync(v1Directory, join(directory, link));
  }

  /** Shows `group` as the root of the hierarchy. */
  addRoot(group: CpuGroup): void {
    writeAll(this.#base, rootFiles(this.#version));
    this.#mirror("", group);
  }

  /**
   * Shows `group` at `path`, whose parent is there already.
   *
   * @param pids the processes in it
   */
  add(path: string, group: CpuGroup, pids: readonly number[] = []): void {
    mkdirSync(join(this.#base, path), { recursive: true });
    writeAll(join(this.#base, path), fixedFiles(this.#version, pids));
    this.#mirror(path, group);
    this.#refresh(path, (entry) => settingFiles(this.#version, entry.group));
  }

  /** Takes the group at `path` and all below it away. */
  remove(path: string): void {
    for (const [own, { files }] of this.#mirrored) {
      if (own !== path && !own.startsWith(`${path}/`)) continue;
      for (const file of files.values()) file.close();
      this.#mirrored.delete(own);
    }
    rmSync(join(this.#base, path), { recursive: true, force: true });
  }

  /** Brings the settings of the group at `path` up to date. */
  writeSettings(path: string): void {
    this.#refresh(path, ({ group }) => settingFiles(this.#version, group));
  }

  /** From now on counters are not numbers, or are again. */
  setSpoiled(spoiled: boolean): void {
    this.#spoiled = spoiled;
  }

  /** Brings all counters up to date. */
  writeCounters(): void {
    for (const path of this.#mirrored.keys()) this.#refresh(path, ({ group }) => this.#counters(group));
  }

  /** Closes all files; they stay on disk. */
  close(): void {
    for (const { files } of this.#mirrored.values()) for (const file of files.values()) file.close();
    this.#mirrored.clear();
  }

  #mirror(path: string, group: CpuGroup): void {
    this.#mirrored.set(path, { group, files: new Map() });
    this.#refresh(path, () => this.#counters(group));
  }

  #counters(group: CpuGroup): FileTexts {
    const texts = counterFiles(this.#version, group);
    if (!this.#spoiled) return texts;
    return Object.fromEntries(Object.entries(texts).map(([name, text]) => [name, text.replaceAll(/\d+/g, "NaN")]));
  }

  #refresh(path: string, texts: (entry: Mirrored) => FileTexts): void {
    const entry = this.#mirrored.get(path);
    if (!entry) return;
    for (const [name, text] of Object.entries(texts(entry))) this.#file(entry, path, name).write(text);
  }

  #file({ files }: Mirrored, path: string, name: string): LiveFile {
    const open = files.get(name) ?? new LiveFile(join(this.#base, path, name));
    files.set(name, open);
    return open;
  }
}

function writeAll(directory: string, texts: FileTexts): void {
  for (const [name, text] of Object.entries(texts)) writeFileSync(join(directory, name), text);
}
