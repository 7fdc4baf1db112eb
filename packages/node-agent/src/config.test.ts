import fc from "fast-check";
import { describe, expect, it } from "vitest";

import { isLoopback, readConfig } from "./config.ts";

const least = ["--controller", "127.0.0.1:8443", "--node-name", "n1"];

describe("configuration", () => {
  it("has defaults for a real machine", () => {
    expect(readConfig(least, {})).toEqual({
      controller: "127.0.0.1:8443",
      nodeName: "n1",
      cgroupRoot: "/sys/fs/cgroup",
      procRoot: "/proc",
      podResources: "/var/lib/kubelet/pod-resources/kubelet.sock",
      nodeBusy: "auto",
      intervalMs: 1000,
      nvidiaSmi: "nvidia-smi",
      gpuInterval: "5s",
      insecure: false,
      logLevel: "info",
    });
  });

  it("takes flags before the environment", () => {
    const env = {
      WALRAS_CONTROLLER: "localhost:1",
      WALRAS_NODE_BUSY: "proc",
      NODE_NAME: "n2",
      WALRAS_INSECURE: "true",
    };
    expect(readConfig(["--node-busy=cgroup"], env)).toMatchObject({
      controller: "localhost:1",
      nodeName: "n2",
      nodeBusy: "cgroup",
      insecure: true,
    });
  });

  it.each([
    [["--node-name", "n1"], "flags.controller: undefined"],
    [[...least, "--interval-ms", "7"], 'flags.intervalMs: "7"'],
    [[...least, "--node-busy", "maybe"], 'flags.nodeBusy: "maybe"'],
    [[...least, "--gpu-interval", "often"], 'flags.gpuInterval: "often" is not a duration'],
    [[...least, "--gpu-interval", "10ms"], 'flags.gpuInterval: "10ms" is not in 500ms to 1m'],
    [[...least, "--cert-file", "x"], "flags.keyFile: undefined goes with --cert-file"],
    [[...least, "--insecure", "--ca-file", "x"], 'flags.caFile: "x" has no use with --insecure'],
    [["--controller", "10.0.0.1:1", "--node-name", "n", "--insecure"], 'flags.insecure: "10.0.0.1:1"'],
    [[...least, "--tokenfile", "x"], "--tokenfile"],
  ])("refuses %j, naming field and value", (argv, complaint) => {
    expect(() => readConfig(argv, {})).toThrow(complaint);
  });

  it("calls a target loopback only when every address of it is", () => {
    for (const target of [
      "127.0.0.1:1",
      "localhost:1",
      "[::1]:1",
      "dns:///localhost:2",
      "ipv4:127.0.0.1:1,127.9.9.9:2",
    ]) {
      expect(isLoopback(target)).toBe(true);
    }
    for (const target of [
      "127.0.0.1.example.org:1",
      "localhost.example.org",
      "ipv4:127.0.0.1:1,10.0.0.1:1",
      "unix:/x",
    ]) {
      expect(isLoopback(target)).toBe(false);
    }
    fc.assert(
      fc.property(
        fc.ipV4().filter((ip) => !ip.startsWith("127.")),
        (ip) => !isLoopback(`${ip}:8443`),
      ),
    );
  });
});
