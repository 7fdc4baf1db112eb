import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { afterEach, beforeEach, describe, expect, it } from "vitest";

import { loadOf } from "../workload/index.ts";
import { loadScenario, parseScenario } from "./load.ts";
import { podsOf } from "./pods.ts";

const node = "nodes: [{name: n}]";
const load = (demand: string): string => `
name: t
${node}
pods:
  - name: p
    containers: [{load: {demand: ${demand}}}]
`;

describe("scenario files", () => {
  let directory = "";
  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), "scenario-"));
  });
  afterEach(() => rmSync(directory, { recursive: true, force: true }));

  it("need little and default the rest", () => {
    expect(parseScenario(`name: t\n${node}`, "t")).toMatchObject({
      seed: 1,
      nodes: [
        { name: "n", count: 1, cores: 4, reserved: "100m", cgroup: "v2", driver: "systemd", runtime: "containerd" },
      ],
      pods: [],
      faults: [],
    });
  });

  it.each([
    ["nodes: []\nname: t", /t\.yaml\.nodes: \[\] is not valid/],
    ["name: t\nnodes: [{name: n, cores: none}]", /t\.yaml\.nodes\.0\.cores: "none" is not valid/],
    ["name: t\nnodes: [{name: n, reserved: 5}]", /t\.yaml\.nodes\.0\.reserved: "5" leaves nothing of 4 cores/],
    ["name: t\nnodes: [{name: n}, {name: n}]", /t\.yaml\.nodes: "n" is there twice/],
    [`name: t\n${node}\nspeed: 3`, /t\.yaml: .*is not valid \(.*speed/],
    [`name: t\n${node}\npods: [{name: p, node: x, containers: [{}]}]`, /t\.yaml\.pods\.0\.node: "x" is no node/],
    [
      `name: t\n${node}\npods: [{name: p, containers: [{requests: {cpu: 1x}}]}]`,
      /containers\.0\.requests\.cpu: "1x" is not valid/,
    ],
    [
      `name: t\n${node}\nfaults: [{kind: killAgent, atSeconds: 1, node: y}]`,
      /t\.yaml\.faults\.0\.node: "y" is no node/,
    ],
    [`name: t\n${node}\nfaults: [{kind: quake, atSeconds: 1}]`, /t\.yaml\.faults\.0\.kind: "quake" is not valid/],
    [load("{kind: trace}"), /t\.yaml\.pods\.0\.containers\.0\.load\.demand: .* needs a file or values/],
    ["name: [", /t\.yaml: "name: \[" is not YAML/],
  ])("that are wrong are refused by file, path and value (%#)", (text, complaint) => {
    expect(() => parseScenario(text, "t.yaml")).toThrow(complaint);
  });

  it("name traces beside them", () => {
    writeFileSync(join(directory, "load.txt"), "10\n20\n");
    writeFileSync(
      join(directory, "s.yaml"),
      load("{kind: noisy, amplitude: 0.1, of: {kind: trace, file: load.txt, cost: 0.01}}"),
    );
    const [pod] = loadScenario(join(directory, "s.yaml")).pods;
    expect(pod?.containers[0]?.load?.demand).toMatchObject({ of: { kind: "trace", values: [10, 20], cost: 0.01 } });
  });

  it("name the trace that is missing or has something else in it", () => {
    const file = join(directory, "s.yaml");
    writeFileSync(file, load("{kind: trace, file: load.txt}"));
    expect(() => loadScenario(file)).toThrow(/demand\.file: ".*load\.txt" cannot be read \(ENOENT\)/);
    writeFileSync(join(directory, "load.txt"), "1\nx\n");
    expect(() => loadScenario(file)).toThrow(/load\.txt\[1\]: "x" is not a number/);
    expect(() => loadScenario(join(directory, "none.yaml"))).toThrow(/scenario: ".*none\.yaml" cannot be read/);
  });
});

describe("pods of a scenario", () => {
  it("are replicas with their loads in annotations, each further on its way than the one before", () => {
    const text = `
name: t
${node}
pods:
  - name: web
    namespace: shop
    count: 2
    staggerSeconds: 5
    labels: {mbcas.io/managed: "true"}
    containers: [{requests: {cpu: 0.25}, limits: {cpu: 500m}, load: {demand: {kind: constant, cores: 1}}}]
`;
    const pods = parseScenario(text, "t").pods.flatMap((group) => podsOf(group));
    expect(pods.map(({ namespace, name }) => `${namespace}/${name}`)).toEqual(["shop/web-0", "shop/web-1"]);
    const metadata = pods[1]?.body["metadata"] as { annotations: Record<string, string>; labels: object };
    expect(loadOf(metadata.annotations, "app").demand).toEqual({
      kind: "shift",
      bySeconds: 5,
      of: { kind: "constant", cores: 1 },
    });
    expect(metadata.labels).toEqual({ app: "web", "mbcas.io/managed": "true" });
    expect(pods[0]?.body["spec"]).toMatchObject({ containers: [{ resources: { requests: { cpu: "0.25" } } }] });
  });

  it("may be mirrors of static pods", () => {
    const text = `name: t\n${node}\npods: [{name: proxy, static: true, node: n, containers: [{}]}]`;
    const [pod] = parseScenario(text, "t").pods.flatMap((group) => podsOf(group));
    expect(pod?.body["metadata"]).toMatchObject({ annotations: { "kubernetes.io/config.source": "file" } });
  });
});
