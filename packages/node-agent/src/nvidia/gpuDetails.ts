import type { GpuProcess } from "./gpuState.ts";
import { busIdIn, integerIn, numberIn, textIn, uuidIn } from "./values.ts";
import { type XmlListener, XmlScanner } from "./xmlScanner.ts";

/** A MIG device as the document has it: most drivers leave out what it is called. */
export interface MigPlace {
  /** Of the GPU's MIG devices; how the list names it. */
  readonly index: number;
  readonly gpuInstance: number;
  readonly computeInstance: number;
  readonly memoryTotalMiB: number | null;
}

/** What only the whole document tells of a GPU; null: not told. */
export interface GpuDetail {
  readonly uuid: string;
  readonly pciBusId: string | null;
  readonly minor: number | null;
  readonly migPlaces: readonly MigPlace[];
  readonly processes: readonly GpuProcess[] | null;
  /** A reset would retire pages, or use spare rows, for memory that has failed. */
  readonly repairPending: boolean;
  /** There was no spare row left for memory that has failed. */
  readonly repairFailed: boolean;
  readonly resetRequired: boolean;
}

const root = "/nvidia_smi_log";
const gpuPath = `${root}/gpu`;
const placePath = `${gpuPath}/mig_devices/mig_device`;
const processPath = `${gpuPath}/processes/process_info`;
const mostProcesses = 1024;

type Fields = Map<string, string>;

/** Reads `nvidia-smi -q -x` as it comes, of whichever version of its schema. */
export class DetailParser implements XmlListener {
  readonly #scanner = new XmlScanner(this);
  readonly #details: GpuDetail[] = [];
  #gpu: Fields = new Map();
  #part: Fields = new Map();
  #places: MigPlace[] = [];
  #processes: GpuProcess[] = [];
  #whole = false;

  /** @throws Error where it is no XML that can be followed */
  push(text: string): void {
    this.#scanner.push(text);
  }

  /** @throws Error where the document did not come to its end */
  end(): readonly GpuDetail[] {
    if (!this.#whole) throw new Error("the document has no end");
    return this.#details;
  }

  opened(path: string): void {
    if (path === gpuPath) [this.#gpu, this.#places, this.#processes] = [new Map(), [], []];
    if (path === placePath || path === processPath) this.#part = new Map();
  }

  closed(path: string, text: string): void {
    if (path === root) this.#whole = true;
    else if (path === gpuPath) this.#endGpu();
    else if (path === placePath) this.#endPlace();
    else if (path === processPath) this.#endProcess();
    else this.#field(path, text);
  }

  #field(path: string, text: string): void {
    if (path.startsWith(`${placePath}/`)) this.#part.set(path.slice(placePath.length + 1), text);
    else if (path.startsWith(`${processPath}/`)) this.#part.set(path.slice(processPath.length + 1), text);
    else if (wanted.has(path)) this.#gpu.set(path.slice(gpuPath.length + 1), text);
  }

  #endGpu(): void {
    const uuid = uuidIn(this.#gpu.get("uuid"));
    if (uuid === null) return;
    const says = (field: string, word: string): boolean => this.#gpu.get(field)?.toLowerCase() === word;
    this.#details.push({
      uuid,
      pciBusId: busIdIn(this.#gpu.get("pci/pci_bus_id")),
      minor: integerIn(this.#gpu.get("minor_number")),
      migPlaces: this.#places,
      processes: ["", "None"].includes(this.#gpu.get("processes") ?? "N/A") ? this.#processes : null,
      repairPending:
        says("remapped_rows/remapped_row_pending", "yes") || says("retired_pages/pending_retirement", "yes"),
      repairFailed: says("remapped_rows/remapped_row_failure", "yes"),
      resetRequired: says("gpu_reset_status/reset_required", "yes"),
    });
  }

  #endPlace(): void {
    const [index, gpuInstance, computeInstance] = ["index", "gpu_instance_id", "compute_instance_id"].map((field) =>
      integerIn(this.#part.get(field)),
    );
    if (index === null || index === undefined || typeof gpuInstance !== "number") return;
    const memoryTotalMiB = numberIn(this.#part.get("fb_memory_usage/total"));
    this.#places.push({ index, gpuInstance, computeInstance: computeInstance ?? 0, memoryTotalMiB });
  }

  #endProcess(): void {
    const pid = integerIn(this.#part.get("pid"));
    if (pid === null || this.#processes.length >= mostProcesses) return;
    const memoryUsedMiB = numberIn(this.#part.get("used_memory"));
    this.#processes.push({ pid, name: textIn(this.#part.get("process_name")) ?? "", memoryUsedMiB });
  }
}

const wanted: ReadonlySet<string> = new Set(
  [
    "uuid",
    "minor_number",
    "pci/pci_bus_id",
    "processes",
    "remapped_rows/remapped_row_pending",
    "remapped_rows/remapped_row_failure",
    "retired_pages/pending_retirement",
    "gpu_reset_status/reset_required",
  ].map((field) => `${gpuPath}/${field}`),
);
