import { describe, expect, it } from "vitest";

import type { Machine, Printed } from "./machine.ts";
import { readDevices } from "./read.ts";

const fine = (output: string): Printed => ({ output, failure: null });

const four = `GPU 0: Tesla T4 (UUID: GPU-6f1a0f2e-0000-4c5d-9f43-1f8c6b1d0001)
GPU 1: NVIDIA A100-SXM4-40GB (UUID: GPU-6f1a0f2e-0000-4c5d-9f43-1f8c6b1d0002)
  MIG 1g.5gb      Device  0: (UUID: MIG-11111111-2222-5333-8444-555555555555)
  MIG 3g.20gb     Device  1: (UUID: MIG-11111111-2222-5333-8444-666666666666)
`;

interface Has {
  /** By the first argument. */
  readonly smi?: Readonly<Record<string, Printed>>;
  readonly folders?: Readonly<Record<string, readonly string[]>>;
  readonly files?: Readonly<Record<string, string>>;
}

function machine({ smi, folders = {}, files = {} }: Has): Machine {
  return {
    nvidiaSmi: (args) => Promise.resolve(smi?.[args[0]?.split("=")[0] ?? ""] ?? null),
    namesIn: (folder) => Promise.resolve(folders[folder] ?? []),
    read: (file) => (file in files ? Promise.resolve(files[file] ?? "") : Promise.reject(new Error(`no ${file}`))),
  };
}

describe("the devices of a container", () => {
  it("are those that nvidia-smi lists, with MIG's and who computes on them", async () => {
    const apps = "GPU-6f1a0f2e-0000-4c5d-9f43-1f8c6b1d0001, 4711, /usr/bin/python3, -m x\nNo running processes found\n";
    const smi = { "-L": fine(four), "--query-compute-apps": fine(apps) };
    const folders = { "/dev": ["null", "nvidia1", "nvidia0", "nvidiactl", "nvidia-uvm"] };
    expect(await readDevices(machine({ smi, folders }))).toEqual({
      source: "nvidia-smi",
      trouble: null,
      deviceFiles: [0, 1],
      gpus: [
        { index: 0, uuid: "GPU-6f1a0f2e-0000-4c5d-9f43-1f8c6b1d0001", model: "Tesla T4" },
        { index: 1, uuid: "GPU-6f1a0f2e-0000-4c5d-9f43-1f8c6b1d0002", model: "NVIDIA A100-SXM4-40GB" },
        { index: 1, uuid: "MIG-11111111-2222-5333-8444-555555555555", model: "MIG 1g.5gb" },
        { index: 1, uuid: "MIG-11111111-2222-5333-8444-666666666666", model: "MIG 3g.20gb" },
      ],
      processes: [{ gpu: "GPU-6f1a0f2e-0000-4c5d-9f43-1f8c6b1d0001", pid: 4711, name: "/usr/bin/python3, -m x" }],
    });
  });

  it("are told with what nvidia-smi complains of, and the others are still there", async () => {
    const output = `${four}Unable to determine the device handle for GPU0000:03:00.0: GPU is lost.  Reboot the system to recover this GPU\n`;
    const { gpus, trouble } = await readDevices(machine({ smi: { "-L": { output, failure: "exit code 15" } } }));
    expect([gpus?.length, trouble]).toEqual([4, expect.stringContaining("GPU is lost.")]);
  });

  it.each([
    ["Failed to initialize NVML: Driver/library version mismatch\n", /version mismatch/],
    ["", /no answer in 8000 ms/],
  ])("are not known where nvidia-smi fails: %s", async (output, trouble) => {
    const devices = await readDevices(machine({ smi: { "-L": { output, failure: "no answer in 8000 ms" } } }));
    expect(devices).toMatchObject({ gpus: null, source: "nvidia-smi", processes: null });
    expect(devices.trouble).toMatch(trouble);
  });

  it("are none where nvidia-smi finds none", async () => {
    const { gpus, trouble } = await readDevices(machine({ smi: { "-L": fine("No devices were found\n") } }));
    expect([gpus, trouble]).toEqual([[], "No devices were found"]);
  });

  it("have processes that are not known where only they cannot be had", async () => {
    const smi = { "-L": fine(four), "--query-compute-apps": { output: "", failure: "exit code 1" } };
    expect((await readDevices(machine({ smi }))).processes).toBeNull();
  });

  it("are the driver's own where nvidia-smi is not there, by bus address", async () => {
    const folder = "/proc/driver/nvidia/gpus";
    const information = (uuid: string): string =>
      `Model: \t\t Tesla T4\nIRQ:   \t\t 41\nGPU UUID: \t ${uuid}\nBus Location: \t 0000:00:1e.0\nDevice Minor: \t 3\n`;
    const files = {
      [`${folder}/0000:3b:00.0/information`]: information("GPU-0b"),
      [`${folder}/0000:1e:00.0/information`]: information("GPU-0a"),
      [`${folder}/0000:5e:00.0/information`]: information("GPU-????????-????-????-????-????????????"),
    };
    const folders = { [folder]: ["0000:3b:00.0", "0000:1e:00.0", "0000:5e:00.0", "0000:86:00.0"] };
    expect(await readDevices(machine({ folders, files }))).toMatchObject({
      source: "proc",
      gpus: [
        { index: 0, uuid: "GPU-0a", model: "Tesla T4" },
        { index: 1, uuid: "GPU-0b", model: "Tesla T4" },
      ],
      processes: null,
    });
  });

  it("are not known where there is nothing of NVIDIA's", async () => {
    expect(await readDevices(machine({}))).toEqual({
      gpus: null,
      source: null,
      deviceFiles: [],
      processes: null,
      trouble: null,
    });
  });
});
