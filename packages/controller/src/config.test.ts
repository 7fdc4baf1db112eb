import { describe, expect, it } from "vitest";

import { readConfig } from "./config.ts";

const insecure = ["--agent-auth=none", "--agent-address=127.0.0.1:0"];

/** The flags of the one part that runs. */
function flagsOf(argv: readonly string[], env: NodeJS.ProcessEnv): object {
  return readConfig(argv, env).configured[0]?.flags ?? {};
}

describe("flags", () => {
  it("depend on the parts: each alone is a drop-in for its prototype", () => {
    expect(readConfig(insecure, {})).toMatchObject({
      parts: ["market"],
      opsPort: 9090,
      logFormat: "json",
      leaseName: "walras-controller",
    });
    expect(readConfig(["--parts=carla"], {})).toMatchObject({
      opsPort: 8000,
      logFormat: "text",
      leaseName: "carla-scheduler",
    });
    expect(readConfig(["--parts=market,carla", ...insecure], {})).toMatchObject({
      parts: ["market", "carla"],
      opsPort: 9090,
      logFormat: "json",
    });
    expect(readConfig(["--parts=carla", "--ops-port=81", "--log-format=json"], {})).toMatchObject({
      opsPort: 81,
      logFormat: "json",
    });
  });

  it("name parts again and again: all of them run, each once, in place of the default", () => {
    const partsOf = (...argv: readonly string[]): readonly string[] => readConfig([...argv, ...insecure], {}).parts;
    expect(partsOf()).toEqual(["market"]);
    expect(partsOf("--parts=market", "--parts=gpu", "--parts", "carla, gpu")).toEqual(["market", "gpu", "carla"]);
    expect(partsOf("--parts=gpu,gpu")).toEqual(["gpu"]);
    expect(partsOf("--parts=carla")).toEqual(["carla"]);
    expect(partsOf()).toEqual(["market"]);
    expect(() => partsOf("--parts=market", "--parts=gpu,mark")).toThrow(/^flags\.parts\.2: "mark" is not valid/);
  });

  it("are read from the prototype's variables", () => {
    const env = { CARLA_POLICY: "/etc/policy.yaml", CARLA_APPS: "/etc/apps.yaml" };
    expect(flagsOf(["--parts=carla"], env)).toMatchObject({
      carlaPolicy: "/etc/policy.yaml",
      carlaApps: "/etc/apps.yaml",
    });
    expect(flagsOf(["--parts=carla"], {})).toMatchObject({
      carlaPolicy: "/app/configs/carla_policy.yaml",
      carlaApps: "/app/configs/apps.yaml",
      carlaOverride: "/app/configs/override.yaml",
    });
    const batch = { CONTROLLER_URL: "http://walras:9090", NAMESPACE: "posture", CPU_THRESHOLD: "0.5", PROM_URL: "" };
    const flags = flagsOf(["--parts=batch"], batch);
    expect(flags).not.toHaveProperty("batchPrometheus", expect.anything());
    expect(flags).toMatchObject({
      batchController: "http://walras:9090",
      batchNamespace: "posture",
      batchThreshold: 0.5,
    });
    expect(() => readConfig(["--parts=batch"], {})).toThrow(/^flags\.batchPrometheus: undefined is needed/);
  });

  it("R10: of batch slots are read from all of the prototype's variables, or refused by name", () => {
    const env = {
      PROM_URL: "http://prometheus:9090",
      METRIC_NAME: "free_nodes",
      HTTP_PORT: "9099",
      GRPC_PORT: "9000",
      JOB_SELECTOR: "app=mine",
      STREAM_POLL_SECONDS: "2",
    };
    const config = readConfig(["--parts=batch"], env);
    expect(config).toMatchObject({ opsPort: 9099, unread: [] });
    expect(config.configured[0]?.flags).toMatchObject({
      batchAddress: "0.0.0.0:9000",
      batchPrometheus: "http://prometheus:9090",
      metricName: "free_nodes",
      batchQueue: "app=mine",
      batchStreamSeconds: 2,
    });
    const wrong = (name: string, value: string) => (): unknown =>
      readConfig(["--parts=batch"], { ...env, [name]: value });
    expect(wrong("JOB_SELECTOR", "app=a,tier=b")).toThrow(/^flags\.batchQueue: "app=a,tier=b" is not valid/);
    expect(wrong("STREAM_POLL_SECONDS", "often")).toThrow(/^flags\.batchStreamSeconds: "often" is not valid/);
    expect(wrong("HTTP_PORT", "http")).toThrow(/^flags\.opsPort: "http" is not valid/);
    expect(wrong("CPU_THRESHOLD", "70")).toThrow(/^flags\.batchThreshold: "70" is not valid/);
  });

  it("R10: a variable that means nothing here is named, with the reason", () => {
    const env = {
      PROM_URL: "http://prometheus:9090",
      CONTROLLER_URL: "http://controller:8080",
      ALLOWED_URL: "http://posture-external-scaler:8088/allowed",
      POLL_SECONDS: "5",
      HTTP_PORT: "8088",
    };
    const named = (parts: string): readonly string[] =>
      readConfig([`--parts=${parts}`, ...insecure], env).unread.map((sentence) => sentence.split(":")[0] ?? "");
    expect(named("batch")).toEqual(
      ["ALLOWED_URL", "POLL_SECONDS", "CONTROLLER_URL"].map((name) => `${name} is set and not read`),
    );
    expect(named("market,batch")).toContain("HTTP_PORT is set and not read");
    expect(named("market")).toEqual([]);
    // What Kubernetes sets for a Service that is called so is no port.
    const service = {
      PROM_URL: "http://prometheus:9090",
      HTTP_PORT: "tcp://10.0.0.1:80",
      CONTROLLER_PORT: "tcp://10.0.0.1:80",
    };
    expect(readConfig(["--parts=batch"], service)).toMatchObject({ opsPort: 8088, unread: [] });
  });

  it("say how long requests remember, and how far they are overbooked", () => {
    expect(flagsOf(insecure, {})).toMatchObject({ requestMemory: 86_400_000, overbook: 4 });
    const flags = flagsOf([...insecure, "--request-memory=36h", "--overbook=1.5"], {});
    expect(flags).toMatchObject({ requestMemory: 36 * 3_600_000, overbook: 1.5 });
    const complaint = (flag: string) => (): unknown => readConfig([...insecure, flag], {});
    expect(complaint("--request-memory=day")).toThrow(
      /^flags\.requestMemory: "day" is not valid \(expected a duration/,
    );
    expect(complaint("--request-memory=10m")).toThrow(
      /^flags\.requestMemory: "10m" is not valid \(expected 1h to 336h\)/,
    );
    expect(complaint("--overbook=0.5")).toThrow(/^flags\.overbook: "0\.5" is not valid/);
  });

  it("that are wrong are named", () => {
    expect(() => readConfig(["--parts=carla,mark"], {})).toThrow(/^flags\.parts\.1: "mark" is not valid/);
    expect(() => readConfig(["--parts="], {})).toThrow(/^flags\.parts: \[\] is not valid/);
    expect(() => readConfig([...insecure, "--reserve=2"], {})).toThrow(/^flags\.reserve: "2" is not valid/);
    expect(() => readConfig(["--agent-auth=none"], {})).toThrow(
      /flags\.tlsCert: undefined is needed to listen on 0\.0\.0\.0:8443/,
    );
    expect(() => readConfig(["--agent-auth=none", "--tls-cert=a", "--tls-key=b"], {})).toThrow(
      /flags\.agentAuth: "none" is for loopback only/,
    );
  });
});

describe("a configuration file", () => {
  const withFile = (text: string, ...more: readonly string[]): ReturnType<typeof readConfig> =>
    readConfig([...insecure, "--config=c.yaml", ...more], {}, undefined, () => text);
  const refused = (text: string, ...more: readonly string[]): string => {
    try {
      withFile(text, ...more);
    } catch (error) {
      return (error as Error).message;
    }
    return "";
  };

  it("holds where no flag is given, and goes before variables and defaults", () => {
    const config = withFile(
      "parts: [market, batch]\nmode: full\nops-port: 81\nbatch-controller: http://a:1\n",
      "--mode=off",
    );
    expect(config).toMatchObject({ parts: ["market", "batch"], opsPort: 81 });
    expect(config.configured[0]?.flags).toMatchObject({ mode: "off" });
    const env = { BATCH: "", CPU_THRESHOLD: "0.5", PROM_URL: "http://p:1" };
    const batch = readConfig(["--parts=batch", "--config=c.yaml"], env, undefined, () => "batch-threshold: 0.6\n");
    expect(batch.configured[0]?.flags).toMatchObject({ batchThreshold: 0.6, batchPrometheus: "http://p:1" });
  });

  it("is refused with the place of every value that its part does not take, those of parts that do not run among them", () => {
    expect(refused("mode: full\nreserve: 2\nbatch-threshold: 70\nrequest-memory: day\n").split("\n")).toEqual([
      expect.stringMatching(/^c\.yaml:2:10: reserve: 2 is not valid/),
      expect.stringMatching(/^c\.yaml:4:17: request-memory: "day" is not/),
      expect.stringMatching(/^c\.yaml:3:18: batch-threshold: 70 is not valid/),
    ]);
    expect(refused("parts: [mark]\n")).toMatch(/^c\.yaml:1:9: parts\[0\]: "mark" is not valid/);
    expect(refused("policies:\n  - name: a\n    min-cpu: much\n")).toMatch(
      /^c\.yaml:3:14: policies\[0\]\.min-cpu: "much" is not valid/,
    );
  });

  it("is refused also for a value that a flag goes before", () => {
    expect(refused("mode: half\n", "--mode=off")).toMatch(/^c\.yaml:1:7: mode: "half"/);
  });

  it("tells its place where flags do not go together", () => {
    expect(refused("tls-key: a\n")).toMatch(/^c\.yaml:1:10: tls-key: "a" goes with --tls-cert/);
    expect(refused("tls-issue: self\n")).toBe('flags.agentAuth: "none" is not token, which --tls-issue=self is for');
  });

  it("that is not there is named", () => {
    expect(() => readConfig(["--config=/nowhere/c.yaml"], {})).toThrow(
      'flags.config: "/nowhere/c.yaml" cannot be read (ENOENT)',
    );
  });
});

describe("certificates", () => {
  it("made by the controllers themselves need no file", () => {
    expect(readConfig(["--tls-issue=self"], {})).toMatchObject({
      tlsIssue: "self",
      tlsSecret: "walras-tls",
      tlsAuthority: "walras-controller-ca",
    });
    expect(readConfig(["--tls-issue=self", "--tls-hosts=a.b, c"], {})).toMatchObject({ tlsHosts: ["a.b", "c"] });
    expect(() => readConfig(["--tls-issue=self", "--tls-cert=a", "--tls-key=b"], {})).toThrow(
      /^flags\.tlsCert: "a" has no use with --tls-issue=self/,
    );
    expect(() => readConfig(["--tls-issue=self", "--agent-auth=certificate"], {})).toThrow(/^flags\.agentAuth/);
  });
});
