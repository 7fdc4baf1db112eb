import type { KubeObject } from "@walras/kube";

import { podLabels } from "./kinds.ts";
import type { PostureOptions } from "./options.ts";

/** Names that the example's parts know each other by. */
export const configName = "posture-analyzer";
const databaseSecret = "posture-database";

export const outputRoot = "/out";
const metricName = "available_node_count_30s";
const pollingSeconds = 10;

/** The rank of nodes without room is 9999. */
const hasRoom = { key: "posture/rank", operator: "Lt", values: ["9999"] };
const isNotRanked = { key: "posture/rank", operator: "DoesNotExist" };

/** The user of the image's base. */
const nobody = 65_532;

const slots = 10;
const heaviest = 100;
const weightStep = 10;

/** The spec of the ScaledJob of this index. */
export function scaledJobSpec(index: number, options: PostureOptions): KubeObject {
  return {
    pollingInterval: pollingSeconds,
    maxReplicaCount: 1,
    successfulJobsHistoryLimit: 1,
    failedJobsHistoryLimit: 1,
    rollout: { strategy: "gradual" },
    jobTargetRef: {
      // A Job that tried again by itself would take a node that nobody granted; the scaler grants the next try.
      backoffLimit: 0,
      template: { metadata: { labels: podLabels }, spec: podSpec(index, options) },
    },
    triggers: [{ type: "external", metadata: { scalerAddress: options.scalerAddress, metricName, ...options.demand } }],
  };
}

function podSpec(index: number, options: PostureOptions): KubeObject {
  return {
    restartPolicy: "Never",
    automountServiceAccountToken: false,
    enableServiceLinks: false,
    securityContext: {
      runAsNonRoot: true,
      runAsUser: nobody,
      runAsGroup: nobody,
      fsGroup: nobody,
      seccompProfile: { type: "RuntimeDefault" },
    },
    affinity: jobAffinity(),
    containers: [analyzer(index, options)],
    volumes: [{ name: "out", emptyDir: {} }],
  };
}

/** Where a job that takes a slot may go, and where it would rather. */
export function jobAffinity(): KubeObject {
  return { nodeAffinity: nodeAffinity(), podAntiAffinity: podAntiAffinity() };
}

/**
 * Only where jobs may go; only where there was room a moment ago, where the
 * ranker says so; and rather where CPU is most free: slot-1 is there.
 */
function nodeAffinity(): KubeObject {
  return {
    requiredDuringSchedulingIgnoredDuringExecution: {
      nodeSelectorTerms: [hasRoom, isNotRanked].map((rank) => ({
        matchExpressions: [isIn("posture/eligible", "true"), rank],
      })),
    },
    preferredDuringSchedulingIgnoredDuringExecution: Array.from({ length: slots }, (_, place) => ({
      weight: heaviest - place * weightStep,
      preference: { matchExpressions: [isIn("posture/slot", `slot-${place + 1}`)] },
    })),
  };
}

/** One analyzer a node, also when a node's labels change between the grant and the binding. */
function podAntiAffinity(): KubeObject {
  const labelSelector = { matchLabels: { app: podLabels["app"] } };
  return {
    requiredDuringSchedulingIgnoredDuringExecution: [{ topologyKey: "kubernetes.io/hostname", labelSelector }],
  };
}

function isIn(key: string, value: string): KubeObject {
  return { key, operator: "In", values: [value] };
}

function analyzer(index: number, { image, memory }: PostureOptions): KubeObject {
  return {
    name: "analyzer",
    image,
    // The later wins: a Secret may turn the database on.
    envFrom: [{ configMapRef: { name: configName } }, { secretRef: { name: databaseSecret, optional: true } }],
    env: [
      fromField("NODE_NAME", "spec.nodeName"),
      fromField("POD_NAME", "metadata.name"),
      { name: "CSV_PATH", value: `${outputRoot}/results-${index}.csv` },
    ],
    resources: { limits: { cpu: "1", memory } },
    securityContext: {
      allowPrivilegeEscalation: false,
      readOnlyRootFilesystem: true,
      capabilities: { drop: ["ALL"] },
    },
    volumeMounts: [{ name: "out", mountPath: outputRoot }],
  };
}

function fromField(name: string, fieldPath: string): KubeObject {
  return { name, valueFrom: { fieldRef: { fieldPath } } };
}
