import { join } from "node:path";

import { loadSync, type ServiceDefinition } from "@grpc/proto-loader";
import { describe, expect, it } from "vitest";

import {
  AgentMessage,
  type AgentMessage as AgentMessageType,
  AgentServiceService,
  CgroupVersion,
  GpuSource,
  HeldBy,
  MigMode,
} from "./index.ts";

const definition = loadSync("walras/agent/v1/agent.proto", {
  includeDirs: [join(import.meta.dirname, "..", "..", "..", "proto")],
  oneofs: true,
  enums: Number,
});
const connect = (definition["walras.agent.v1.AgentService"] as ServiceDefinition)["Connect"];

const report: AgentMessageType = {
  message: {
    $case: "report",
    value: {
      sequence: 3,
      full: true,
      windowMillis: 1000,
      capturedUnixMillis: 1.5e12,
      node: { busyFraction: 0.25, busySource: 2, memoryTotalBytes: 2 ** 40 },
      introduced: [{ handle: 1, podUid: "u", containerId: "c", runtime: "cri-o" }],
      gone: [7, 300],
      samples: {
        handle: [1],
        usageMilli: [-5],
        throttledPermille: [-1],
        throttledMilli: [1_000_000],
        pressurePermille: [999],
      },
      limits: [{ handle: 1, quotaMilli: -1, podQuotaMilli: 250, sharesOrWeight: 262144 }],
      gpus: {
        source: GpuSource.GPU_SOURCE_PROC,
        ageMillis: 1500,
        trouble: "no NVIDIA driver",
        holdersTrouble: "permission denied",
        offersTrouble: "not asked",
        gpus: [
          {
            uuid: "GPU-1",
            index: 3,
            minor: 0,
            pciBusId: "00000000:01:00.0",
            model: "T4",
            memoryUsedMib: 0,
            temperatureCelsius: -5,
            mig: MigMode.MIG_MODE_DISABLED,
            migDevices: [{ uuid: "MIG-1", profile: "1g.5gb", gpuInstance: 7, computeInstance: 1 }],
            unhealthy: "Xid 79",
            holders: [
              { namespace: "ns", pod: "p", container: "c", resource: "gpu.nvidia.com", by: HeldBy.HELD_BY_DRA },
            ],
            offeredAs: ["nvidia.com/gpu"],
            processes: {
              processes: [{ pid: 4_194_304, name: "python", place: 1, containerId: "c1", podName: "u" }],
              leftOut: 2,
            },
          },
        ],
      },
    },
  },
};

/** The generated code and the .proto file read at run time are two readings of one contract. */
describe("the generated wire types", () => {
  it("write what a reader of the .proto file reads", () => {
    const read = connect?.requestDeserialize(Buffer.from(AgentMessage.encode(report).finish()));
    expect(read).toMatchObject({ message: "report", report: report.message?.value });
  });

  it("read what a writer of the .proto file writes", () => {
    const bytes = connect?.requestSerialize({
      hello: { nodeName: "n", cgroupVersion: CgroupVersion.CGROUP_VERSION_HYBRID, pressureAvailable: true },
    });
    expect(AgentMessage.decode(bytes ?? new Uint8Array()).message).toMatchObject({
      $case: "hello",
      value: { nodeName: "n", cgroupVersion: CgroupVersion.CGROUP_VERSION_HYBRID, pressureAvailable: true },
    });
  });

  it("name the same method", () => {
    expect(connect?.path).toBe(AgentServiceService.connect.path);
  });
});
