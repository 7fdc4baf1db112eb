import { uuidIn } from "./values.ts";

/** What the list of GPUs calls a MIG device. */
export interface MigName {
  readonly gpuUuid: string;
  /** Of the GPU's MIG devices. */
  readonly index: number;
  readonly profile: string;
  readonly uuid: string;
}

const gpuLine = /^GPU \d+: .*\(UUID: (\S+)\)$/;
const deviceLine = /^MIG (\S+)\s+Device\s+(\d+): \(UUID: (\S+)\)$/;

/** Reads `nvidia-smi -L` line by line. What is no line of a GPU or of a MIG device is passed over. */
export class MigListParser {
  readonly #names: MigName[] = [];
  #gpuUuid: string | null = null;

  line(line: string): void {
    const gpu = gpuLine.exec(line);
    if (gpu !== null) this.#gpuUuid = uuidIn(gpu[1]);
    const [, profile, index, name] = deviceLine.exec(line) ?? [];
    const uuid = uuidIn(name);
    if (this.#gpuUuid === null || profile === undefined || uuid === null) return;
    this.#names.push({ gpuUuid: this.#gpuUuid, index: Number(index), profile, uuid });
  }

  end(): readonly MigName[] {
    return this.#names;
  }
}
