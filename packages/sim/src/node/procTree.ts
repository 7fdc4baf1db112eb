import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";

import { LiveFile } from "./liveFile.ts";

/** What /proc tells of a machine. */
export interface MachineFacts {
  readonly cores: number;
  readonly memoryBytes: number;
  readonly bootId: string;
}

const usecPerTick = 10_000;

/** The part of /proc that a reader of a node's load needs: stat, meminfo, the boot id and processes' names. */
export class ProcTree {
  readonly #directory: string;
  readonly #facts: MachineFacts;
  readonly #stat: LiveFile;

  /** @param directory is made if need be */
  constructor(directory: string, facts: MachineFacts) {
    this.#directory = directory;
    this.#facts = facts;
    this.#write("sys/kernel/random/boot_id", `${facts.bootId}\n`);
    this.#write("meminfo", memoryInfo(facts.memoryBytes));
    this.#stat = new LiveFile(join(directory, "stat"));
    this.writeLoad(0, 0);
  }

  /**
   * @param usedUsec CPU time used on all cores since boot
   * @param uptimeUsec time since boot
   */
  writeLoad(usedUsec: number, uptimeUsec: number): void {
    const { cores } = this.#facts;
    const busy = Math.floor(usedUsec / usecPerTick);
    const total = Math.floor((uptimeUsec * cores) / usecPerTick);
    const each = Array.from({ length: cores }, (_, core) => cpuLine(`cpu${core}`, busy / cores, total / cores));
    this.#stat.write(`${[cpuLine("cpu ", busy, total), ...each, "ctxt 0", "btime 0", "processes 0"].join("\n")}\n`);
  }

  addProcess(pid: number, name: string): void {
    this.#write(`${pid}/comm`, `${name}\n`);
  }

  removeProcess(pid: number): void {
    rmSync(join(this.#directory, String(pid)), { recursive: true, force: true });
  }

  close(): void {
    this.#stat.close();
  }

  #write(path: string, text: string): void {
    const file = join(this.#directory, path);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, text);
  }
}

function cpuLine(name: string, busy: number, total: number): string {
  return `${name} ${Math.floor(busy)} 0 0 ${Math.max(0, Math.floor(total - busy))} 0 0 0 0 0 0`;
}

function memoryInfo(memoryBytes: number): string {
  const total = Math.floor(memoryBytes / 1024);
  const kibibytes = (name: string, value: number): string =>
    `${`${name}:`.padEnd(16)}${String(value).padStart(8)} kB\n`;
  return (
    kibibytes("MemTotal", total) +
    kibibytes("MemFree", Math.floor(total / 2)) +
    kibibytes("MemAvailable", Math.floor(total * 0.75))
  );
}
