import type { DoubleGpu, DoubleMachine } from "./control.ts";
import type { LayoutMigDevice, LayoutProcess } from "./layout.ts";

/** An element: its name and its value, its children, or nothing between its tags. */
type Element = readonly [name: string, content: string | number | readonly Element[]];

/** `nvidia-smi -q -x`, with what is read and much of what is passed over: the same names at other places, and long lists. */
export function xmlDocument(machine: DoubleMachine): string {
  const { driver, cuda, schema, gpus } = machine;
  const head: readonly Element[] = [
    ["timestamp", "Sat Nov 28 12:00:00 2026"],
    ["driver_version", driver],
    ["cuda_version", cuda],
    ["attached_gpus", gpus.length],
  ];
  const body = [...head.map((element) => written(element, 1)), ...gpus.map((gpu) => gpuElement(gpu, machine))];
  const type = `<!DOCTYPE nvidia_smi_log SYSTEM "nvsmi_device_v${schema}.dtd">`;
  return `<?xml version="1.0" ?>\n${type}\n<nvidia_smi_log>\n${body.join("")}</nvidia_smi_log>\n`;
}

function gpuElement(gpu: DoubleGpu, machine: DoubleMachine): string {
  const elements = [...identity(gpu, machine), ...use(gpu), ...memoryErrors(gpu), ...power(gpu, machine), ...rest(gpu)];
  const lost = gpu.lost ? elements.map((element) => lostElement(element)) : elements;
  const lines = lost.map((element) => written(element, 2));
  return `\t<gpu id="${gpu.busId}">\n${lines.join("")}\t</gpu>\n`;
}

function identity(gpu: DoubleGpu, { driver, schema }: DoubleMachine): readonly Element[] {
  const { mig, health } = gpu;
  const recovery: Element =
    schema === 13
      ? ["gpu_recovery_action", health.recoveryAction ?? "None"]
      : [
          "gpu_reset_status",
          [
            ["reset_required", yes(health.resetRequired)],
            ["drain_and_reset_recommended", "No"],
          ],
        ];
  return [
    ["product_name", gpu.model],
    ["product_brand", gpu.brand],
    ["product_architecture", gpu.architecture],
    ["persistence_mode", "Enabled"],
    [
      "mig_mode",
      [
        ["current_mig", mig.current],
        ["pending_mig", mig.pending],
      ],
    ],
    ["mig_devices", mig.current === "Enabled" && mig.devices.length > 0 ? mig.devices.map(migDevice) : "None"],
    ["uuid", gpu.uuid],
    ["minor_number", gpu.minor],
    ["gsp_firmware_version", driver],
    ...(schema === 11 ? [] : [recovery]),
    [
      "pci",
      [
        ["pci_bus_id", gpu.busId],
        ["pci_gpu_link_info", [["link_widths", [["current_link_width", "16x"]]]]],
      ],
    ],
    ["fan_speed", "N/A"],
    ["performance_state", "P0"],
  ];
}

function migDevice(device: LayoutMigDevice, index: number): Element {
  const memory = device.memoryMiB;
  return [
    "mig_device",
    [
      ["index", index],
      ["gpu_instance_id", device.gpuInstance],
      ["compute_instance_id", device.computeInstance],
      [
        "device_attributes",
        [
          [
            "shared",
            [
              ["multiprocessor_count", device.multiprocessors],
              ["copy_engine_count", 1],
            ],
          ],
        ],
      ],
      ["ecc_error_count", [["volatile_count", [["sram_uncorrectable", 0]]]]],
      [
        "fb_memory_usage",
        [
          ["total", mib(memory)],
          ["reserved", mib(0)],
          ["used", mib(12)],
          ["free", mib(memory - 12)],
        ],
      ],
      [
        "bar1_memory_usage",
        [
          ["total", mib(32_767)],
          ["used", mib(0)],
          ["free", mib(32_767)],
        ],
      ],
    ],
  ];
}

function use(gpu: DoubleGpu): readonly Element[] {
  const { memoryMiB, reservedMiB, usedMiB, mig, utilisation } = gpu;
  const percent = mig.current === "Enabled" ? "N/A" : `${utilisation} %`;
  return [
    [
      "fb_memory_usage",
      [
        ["total", mib(memoryMiB)],
        ["reserved", mib(reservedMiB)],
        ["used", mib(usedMiB)],
        ["free", mib(memoryMiB - reservedMiB - usedMiB)],
      ],
    ],
    [
      "bar1_memory_usage",
      [
        ["total", mib(131_072)],
        ["used", mib(1)],
        ["free", mib(131_071)],
      ],
    ],
    ["compute_mode", "Default"],
    [
      "utilization",
      [
        ["gpu_util", percent],
        ["memory_util", percent],
      ],
    ],
  ];
}

function memoryErrors({ health, architecture }: DoubleGpu): readonly Element[] {
  const retires = architecture === "Turing";
  return [
    [
      "ecc_mode",
      [
        ["current_ecc", "Enabled"],
        ["pending_ecc", "Enabled"],
      ],
    ],
    ["ecc_errors", [["volatile", [["dram_uncorrectable", health.uncorrectedEcc ?? 0]]]]],
    [
      "retired_pages",
      [
        [
          "double_bit_retirement",
          [
            ["retired_count", retires ? 0 : "N/A"],
            ["retired_pagelist", retires ? "" : "N/A"],
          ],
        ],
        ["pending_retirement", retires ? yes(health.pendingRetirement) : "N/A"],
      ],
    ],
    [
      "remapped_rows",
      retires
        ? "N/A"
        : [
            ["remapped_row_corr", 0],
            ["remapped_row_unc", 0],
            ["remapped_row_pending", yes(health.remappedRowPending)],
            ["remapped_row_failure", yes(health.remappedRowFailure)],
          ],
    ],
  ];
}

function power({ powerWatts, powerLimitWatts, temperature }: DoubleGpu, { schema }: DoubleMachine): readonly Element[] {
  const watts = `${powerWatts.toFixed(2)} W`;
  const draw: readonly Element[] =
    schema === 13
      ? [
          ["average_power_draw", watts],
          ["instant_power_draw", watts],
        ]
      : [["power_draw", watts]];
  const limit: Element = ["current_power_limit", `${powerLimitWatts.toFixed(2)} W`];
  return [
    [
      "temperature",
      [
        ["gpu_temp", `${temperature} C`],
        ["memory_temp", "N/A"],
      ],
    ],
    [schema === 11 ? "power_readings" : "gpu_power_readings", [["power_state", "P0"], ...draw, limit]],
  ];
}

function rest({ memoryClockMhz, graphicsClockMhz, processes }: DoubleGpu): readonly Element[] {
  const steps = Array.from(
    { length: Math.floor((graphicsClockMhz - 210) / 15) },
    (_, step) => graphicsClockMhz - step * 15,
  );
  const clocks = steps.map((mhz): Element => ["supported_graphics_clock", `${mhz} MHz`]);
  return [
    ["supported_clocks", [["supported_mem_clock", [["value", `${memoryClockMhz} MHz`], ...clocks]]]],
    ["processes", processes.map(processElement)],
    ["accounted_processes", []],
  ];
}

function processElement({ pid, name, memoryMiB, gpuInstance, computeInstance }: LayoutProcess): Element {
  return [
    "process_info",
    [
      ["gpu_instance_id", gpuInstance ?? "N/A"],
      ["compute_instance_id", computeInstance ?? "N/A"],
      ["pid", pid],
      ["type", "C"],
      ["process_name", name],
      ["used_memory", mib(memoryMiB)],
    ],
  ];
}

const kept = new Set(["product_name", "uuid", "minor_number", "pci_bus_id", "current_mig", "pending_mig"]);

/** Each reading of a lost GPU is what went wrong. */
function lostElement([name, content]: Element): Element {
  if (typeof content === "object") return [name, content.map((child) => lostElement(child))];
  return [name, kept.has(name) ? content : "GPU is lost"];
}

function written([name, content]: Element, depth: number): string {
  const indent = "\t".repeat(depth);
  if (typeof content !== "object") return `${indent}<${name}>${escaped(String(content))}</${name}>\n`;
  if (content.length === 0) return `${indent}<${name}>\n${indent}</${name}>\n`;
  return `${indent}<${name}>\n${content.map((child) => written(child, depth + 1)).join("")}${indent}</${name}>\n`;
}

function escaped(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
}

function mib(amount: number): string {
  return `${amount} MiB`;
}

function yes(holds: boolean | undefined): string {
  return holds === true ? "Yes" : "No";
}
