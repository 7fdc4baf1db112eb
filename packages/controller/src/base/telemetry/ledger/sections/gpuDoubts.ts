import type { Gpu, GpuHolder, GpuProcess, MigDevice } from "@walras/proto";

import { agentLimits as limits } from "../../../bounds/agentLimits.ts";

type Range = readonly [field: string, value: number | undefined, least: number, most: number];
type Text = readonly [field: string, text: string, form: RegExp];

const uuidForm = /^GPU-[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;
/** Of a driver before 470: MIG-GPU-…/7/0. */
const migUuidForm = /^MIG-(?:GPU-)?[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}(?:\/\d{1,3}\/\d{1,3})?$/;
const objectForm = /^[a-z0-9][a-z0-9.-]{0,252}$/;
const wordForm = /^[\x21-\x7e]{1,128}$/;
const wordOrNoneForm = /^[\x21-\x7e]{0,128}$/;
const nameForm = /^[^\p{Cc}]{0,128}$/u;
const sentenceForm = /^[^\p{Cc}]{0,256}$/u;

const mostIndex = 1_023;
/** 16 TiB */
const mostMemoryMib = 2 ** 24;
const mostMilliwatts = 10_000_000;
/** PID_MAX_LIMIT of include/linux/threads.h */
const mostPid = 2 ** 22;
const mostCount = 2 ** 32 - 1;

/** What of a GPU cannot be, with field and value; null: nothing. */
export function doubtOf(gpu: Gpu): string | null {
  const { migDevices, holders, offeredAs, processes } = gpu;
  return (
    doubtOfTexts(textsOf(gpu)) ??
    doubtOfNumbers(numbersOf(gpu)) ??
    doubtOfList("mig_devices", migDevices, limits.migDevicesPerGpu, doubtOfMig) ??
    doubtOfList("holders", holders, limits.holdersPerGpu, doubtOfHolder) ??
    doubtOfList("offered_as", offeredAs, limits.offersPerGpu, (name) => doubtOfTexts([["name", name, wordForm]])) ??
    doubtOfList("processes", processes?.processes ?? [], limits.processesPerGpu, doubtOfProcess)
  );
}

function textsOf({ uuid, pciBusId, model, unhealthy }: Gpu): readonly Text[] {
  return [
    ["uuid", uuid, uuidForm],
    ["pci_bus_id", pciBusId, wordOrNoneForm],
    ["model", model, nameForm],
    ["unhealthy", unhealthy, sentenceForm],
  ];
}

function numbersOf(gpu: Gpu): readonly Range[] {
  return [
    ["index", gpu.index, 0, mostIndex],
    ["minor", gpu.minor, 0, mostIndex],
    ["memory_total_mib", gpu.memoryTotalMib, 0, mostMemoryMib],
    ["memory_used_mib", gpu.memoryUsedMib, 0, gpu.memoryTotalMib ?? mostMemoryMib],
    ["utilisation_permille", gpu.utilisationPermille, 0, 1000],
    ["power_milliwatts", gpu.powerMilliwatts, 0, mostMilliwatts],
    ["temperature_celsius", gpu.temperatureCelsius, -100, 300],
    ["uncorrected_ecc", gpu.uncorrectedEcc, 0, mostCount],
    ["xid", gpu.xid, 0, mostCount],
  ];
}

function doubtOfMig({ uuid, profile, gpuInstance, computeInstance, memoryTotalMib }: MigDevice): string | null {
  const texts: readonly Text[] = [
    ["uuid", uuid, migUuidForm],
    ["profile", profile, nameForm],
  ];
  return (
    doubtOfTexts(texts) ??
    doubtOfNumbers([
      ["gpu_instance", gpuInstance, 0, mostIndex],
      ["compute_instance", computeInstance, 0, mostIndex],
      ["memory_total_mib", memoryTotalMib, 0, mostMemoryMib],
    ])
  );
}

function doubtOfHolder({ namespace, pod, container, resource }: GpuHolder): string | null {
  return doubtOfTexts([
    ["namespace", namespace, objectForm],
    ["pod", pod, objectForm],
    ["container", container, objectForm],
    ["resource", resource, wordForm],
  ]);
}

function doubtOfProcess({ pid, name, memoryUsedMib, containerId, podName }: GpuProcess): string | null {
  const texts: readonly Text[] = [
    ["name", name, nameForm],
    ["container_id", containerId, wordOrNoneForm],
    ["pod_name", podName, wordOrNoneForm],
  ];
  const numbers: readonly Range[] = [
    ["pid", pid, 1, mostPid],
    ["memory_used_mib", memoryUsedMib, 0, mostMemoryMib],
  ];
  return doubtOfTexts(texts) ?? doubtOfNumbers(numbers);
}

function doubtOfTexts(texts: readonly Text[]): string | null {
  const wrong = texts.find(([, text, form]) => !form.test(text));
  return wrong ? `${wrong[0]} ${JSON.stringify(wrong[1])}` : null;
}

function doubtOfNumbers(ranges: readonly Range[]): string | null {
  const wrong = ranges.find(([, value, least, most]) => value !== undefined && !(value >= least && value <= most));
  return wrong ? `${wrong[0]} ${wrong[1]}, more than ${wrong[3]} or less than ${wrong[2]}` : null;
}

function doubtOfList<Item>(
  field: string,
  items: readonly Item[],
  most: number,
  doubt: (item: Item) => string | null,
): string | null {
  if (items.length > most) return `${field} has ${items.length}, more than ${most}`;
  for (const [at, item] of items.entries()) {
    const wrong = doubt(item);
    if (wrong !== null) return `${field}[${at}].${wrong}`;
  }
  return null;
}
