import { join } from "node:path";

import { describe, expect, test } from "vitest";

import { defaultFlags, type PostureFlags } from "./flags.ts";
import { manifestsOf, toYaml } from "./manifests.ts";
import { readOptions } from "./options.ts";

interface PodSpec {
  readonly restartPolicy: string;
  readonly affinity: {
    readonly nodeAffinity: {
      readonly requiredDuringSchedulingIgnoredDuringExecution: unknown;
      readonly preferredDuringSchedulingIgnoredDuringExecution: readonly {
        readonly weight: number;
        readonly preference: { readonly matchExpressions: readonly { readonly values: readonly string[] }[] };
      }[];
    };
    readonly podAntiAffinity: unknown;
  };
  readonly topologySpreadConstraints: readonly object[];
  readonly containers: readonly { readonly env: readonly { readonly name: string; readonly value?: string }[] }[];
}

interface ScaledJob {
  readonly metadata: { readonly name: string; readonly namespace: string };
  readonly spec: {
    readonly maxReplicaCount: number;
    readonly jobTargetRef: {
      readonly backoffLimit: number;
      readonly template: { readonly metadata: { readonly labels: object }; readonly spec: PodSpec };
    };
    readonly triggers: readonly { readonly type: string; readonly metadata: object }[];
  };
}

const objectsOf = (flags: Partial<PostureFlags> = {}): readonly (object & { readonly kind?: unknown })[] =>
  manifestsOf(readOptions({ ...defaultFlags, ...flags })).map(({ object }) => object);
const scaledJobsOf = (flags: Partial<PostureFlags> = {}): readonly ScaledJob[] =>
  objectsOf(flags).filter(({ kind }) => kind === "ScaledJob") as unknown as ScaledJob[];
const first = (flags: Partial<PostureFlags> = {}): ScaledJob => scaledJobsOf(flags)[0]!;

describe("the example's objects", () => {
  test.each(["1", "3", "10", "100"])("as many ScaledJobs as asked for: %s", (jobs) => {
    const names = scaledJobsOf({ jobs }).map(({ metadata }) => metadata.name);
    expect(names).toEqual(Array.from({ length: Number(jobs) }, (_, index) => `posture-analyzer-job-${index}`));
  });

  test("prefer slot-1 most and each slot more than the next, on nodes that may take jobs only", () => {
    const eligible = { key: "posture/eligible", operator: "In", values: ["true"] };
    const { nodeAffinity } = first().spec.jobTargetRef.template.spec.affinity;
    const preferred = nodeAffinity.preferredDuringSchedulingIgnoredDuringExecution;
    expect(preferred.map(({ weight }) => weight)).toEqual([100, 90, 80, 70, 60, 50, 40, 30, 20, 10]);
    expect(preferred.flatMap(({ preference }) => preference.matchExpressions[0]!.values)).toEqual(
      Array.from({ length: 10 }, (_, index) => `slot-${index + 1}`),
    );
    expect(nodeAffinity.requiredDuringSchedulingIgnoredDuringExecution).toEqual({
      nodeSelectorTerms: [{ matchExpressions: [eligible] }],
    });
  });

  test("let the scheduler alone keep them off nodes without a slot, for the kubelet would fail them later", () => {
    const { affinity, topologySpreadConstraints } = first().spec.jobTargetRef.template.spec;
    expect(topologySpreadConstraints).toMatchObject([
      { topologyKey: "posture/slot", whenUnsatisfiable: "DoNotSchedule" },
    ]);
    expect(JSON.stringify(affinity)).not.toContain("posture/rank");
  });

  test("run one to a node, once, without any right", () => {
    for (const { spec } of scaledJobsOf()) {
      const { metadata, spec: pod } = spec.jobTargetRef.template;
      expect(spec).toMatchObject({ pollingInterval: 10, maxReplicaCount: 1, jobTargetRef: { backoffLimit: 0 } });
      expect(metadata.labels).toMatchObject({ app: "posture-analyzer", "app.kubernetes.io/managed-by": "walras" });
      expect(pod.affinity.podAntiAffinity).toEqual({
        requiredDuringSchedulingIgnoredDuringExecution: [
          { topologyKey: "kubernetes.io/hostname", labelSelector: { matchLabels: { app: "posture-analyzer" } } },
        ],
      });
      expect(pod).toMatchObject({
        restartPolicy: "Never",
        automountServiceAccountToken: false,
        securityContext: { runAsNonRoot: true, seccompProfile: { type: "RuntimeDefault" } },
        containers: [
          {
            securityContext: {
              allowPrivilegeEscalation: false,
              readOnlyRootFilesystem: true,
              capabilities: { drop: ["ALL"] },
            },
          },
        ],
      });
    }
  });

  test("write their results to files of their own", () => {
    const files = scaledJobsOf().map(
      ({ spec }) => spec.jobTargetRef.template.spec.containers[0]!.env.find(({ name }) => name === "CSV_PATH")?.value,
    );
    expect(new Set(files).size).toBe(10);
    for (const file of files) expect(file).toMatch(/^\/out\//);
  });

  test("are as the options say", () => {
    const flags = {
      namespace: "lab",
      image: "registry.test:5000/posture@sha256:0a",
      scalerAddress: "scaler.lab:9",
      memory: "1Gi",
      demand: ["demand=jobs", "selector=app=work,tier!=x", "completions=1"],
    };
    const { metadata, spec } = first(flags);
    expect(metadata.namespace).toBe("lab");
    expect(spec.jobTargetRef.template.spec.containers).toMatchObject([
      { image: flags.image, resources: { limits: { cpu: "1", memory: "1Gi" } } },
    ]);
    expect(spec.triggers).toEqual([
      {
        type: "external",
        metadata: {
          scalerAddress: "scaler.lab:9",
          metricName: "available_node_count_30s",
          demand: "jobs",
          selector: "app=work,tier!=x",
          completions: "1",
        },
      },
    ]);
    expect(objectsOf({ broker: "10.0.0.7", copies: "1,2" })).toContainEqual(
      expect.objectContaining({
        data: expect.objectContaining({ MQTT_BROKER: "10.0.0.7", MQTT_PORT: "1883", COPIES_SCHEDULE: "1,2" }),
      }),
    );
  });

  test("hold no credential, and the Secret that may is optional", () => {
    const text = JSON.stringify(objectsOf());
    expect(text).not.toMatch(/passw|token":"|DB_(HOST|USER|NAME|PORT)|MQTT_USER/i);
    expect(text).toContain('{"secretRef":{"name":"posture-database","optional":true}}');
  });
});

describe("wrong options", () => {
  test.each<[Partial<PostureFlags>, string | RegExp]>([
    [{ namespace: "Posture" }, /^--namespace: "Posture" is not valid/],
    [{ jobs: "0" }, /^--jobs: "0" is not valid/],
    [{ jobs: "ten" }, /^--jobs: "ten" is not valid \(a whole number\)/],
    [{ jobs: "101" }, /^--jobs: "101" is not valid/],
    [{ image: "a b" }, /^--image: "a b" is not valid/],
    [{ copies: "100,,200" }, /^--copies: "100,,200" is not valid/],
    [{ scalerAddress: "scaler.posture.svc" }, '--scaler-address: "scaler.posture.svc" names no port'],
    [{ broker: "mqtt://mosquitto" }, '--broker: "mqtt://mosquitto" is not host:port'],
    [{ broker: "mosquitto:70000" }, '--broker: "mosquitto:70000" has no port up to 65535'],
    [{ memory: "512" }, '--memory: "512" is less than 64Mi'],
    [{ memory: "much" }, '--memory: "much" is not a Kubernetes quantity'],
    [{ demand: ["mqtt"] }, '--demand: "mqtt" is not key=value'],
    [{ demand: ["scalerAddress=x:1"] }, /^--demand: "scalerAddress" is none of demand, /],
    [{ demand: ["mqttPassword=x"] }, '--demand: "mqttPassword" must not be written down: use mqttPasswordFromEnv'],
    [{ demand: ["selector=app=x"] }, /^metadata\.selector: "app=x" is read with a demand only/],
    [{ demand: ["demand=kafka"] }, /^metadata\.demand: "kafka" is none of/],
    [{ demand: ["demand=jobs"] }, /^metadata\.selector: undefined is missing/],
    [{ demand: ["completions=-1"] }, 'metadata.completions: "-1" is not a count'],
    [{ demand: ["itemsPerJob=0"] }, /^metadata\.itemsPerJob: "0"/],
  ])("%j", (flags, complaint) => {
    expect(() => objectsOf(flags)).toThrow(complaint);
  });
});

describe("the namespace", () => {
  const made = (namespace: string): unknown => objectsOf({ namespace }).find(({ kind }) => kind === "Namespace");

  test("is restricted where it is the example's own, and left as it is where it is another's", () => {
    expect(made("posture")).toMatchObject({
      metadata: { labels: { "pod-security.kubernetes.io/enforce": "restricted" } },
    });
    expect(made("shop")).toMatchObject({ metadata: { name: "shop" } });
    expect(made("shop")).not.toHaveProperty("metadata.labels");
  });
});

describe("deploy/examples/posture", () => {
  const folder = join(import.meta.dirname, "../../../../deploy/examples/posture");
  const head = "# Made by packages/cli/src/posture; made anew by: npx vitest run packages/cli/src/posture -u\n";
  const files = { "namespace.yaml": "Namespace", "config.yaml": "ConfigMap", "scaledjobs.yaml": "ScaledJob" };

  test.each(Object.entries(files))("%s is what `walras posture up` makes", async (file, kind) => {
    const objects = objectsOf().filter((object) => object.kind === kind);
    await expect(head + toYaml(objects)).toMatchFileSnapshot(join(folder, file));
  });

  test("kustomization.yaml names them all", async () => {
    expect(new Set(objectsOf().map(({ kind }) => kind))).toEqual(new Set(Object.values(files)));
    const kustomization = {
      apiVersion: "kustomize.config.k8s.io/v1beta1",
      kind: "Kustomization",
      resources: Object.keys(files),
    };
    await expect(head + toYaml([kustomization])).toMatchFileSnapshot(join(folder, "kustomization.yaml"));
  });
});
