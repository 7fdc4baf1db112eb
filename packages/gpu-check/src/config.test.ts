import { describe, expect, it } from "vitest";

import { readConfig } from "./config.ts";
import { logLine } from "./probe.ts";

describe("the configuration", () => {
  it("of a pod is the prototype's environment", () => {
    const env = {
      NODE_NAME: "node1",
      POD_NAME: "check-0",
      POD_NAMESPACE: "gpu-scheduler-tests",
      LOG_INTERVAL: "7",
      CUDA_VISIBLE_DEVICES: "0,1",
    };
    expect(readConfig([], env)).toMatchObject({
      collect: false,
      everyMs: 7_000,
      port: 8080,
      identity: {
        pod: "check-0",
        namespace: "gpu-scheduler-tests",
        node: "node1",
        cudaVisibleDevices: "0,1",
        enforcedBy: null,
      },
    });
  });

  it("tells an empty CUDA_VISIBLE_DEVICES from none", () => {
    const of = (env: NodeJS.ProcessEnv): unknown => readConfig([], env);
    expect(of({ CUDA_VISIBLE_DEVICES: "" })).toMatchObject({ identity: { cudaVisibleDevices: "" } });
    expect(of({})).toMatchObject({ identity: { cudaVisibleDevices: null } });
  });

  it("of the collector is by flags", () => {
    expect(readConfig(["--collect", "--map", "m.yaml", "--once", "--nodes=names"], {})).toMatchObject({
      collect: true,
      map: "m.yaml",
      nodes: "names",
      once: true,
      pods: "http://gpu-scheduler-check-{}.gpu-scheduler-check:8080/",
    });
  });

  it.each([
    [[], { LOG_INTERVAL: "0" }, /LOG_INTERVAL: "0"/],
    [["--once"], {}, /--once: true goes with --collect/],
    [["--collect"], {}, /map: undefined/],
    [["--collect", "--map=m", "--pods=http://x/"], {}, /pods: "http:\/\/x\/"/],
    [["--nonsense"], {}, /flags: "--nonsense"/],
  ])("is refused with name and value: %j %j", (argv, env, complaint) => {
    expect(() => readConfig(argv, env)).toThrow(complaint);
  });
});

describe("the line in the log", () => {
  const identity = { pod: "check-0", namespace: "", node: "node1", enforcedBy: null, nvidiaVisibleDevices: null };
  it.each([
    ["0,1", "Node: node1, CUDA_VISIBLE_DEVICES: 0,1"],
    ["", "Node: node1, CUDA_VISIBLE_DEVICES: empty"],
    [null, "Node: node1, CUDA_VISIBLE_DEVICES: not-set"],
  ])("is the prototype's, with %j", (cudaVisibleDevices, line) => {
    expect(logLine({ ...identity, cudaVisibleDevices })).toBe(line);
  });
});
