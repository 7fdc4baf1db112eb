import { slotLabel } from "@walras/controller/batch";
import type { KubeObject } from "@walras/kube";

import { podLabels } from "./kinds.ts";
import type { PostureOptions } from "./options.ts";

/** Names that the example's parts know each other by. */
export const configName = "posture-analyzer";
const databaseSecret = "posture-database";

export const outputRoot = "/out";
const metricName = "available_node_count_30s";
const pollingSeconds = 10;

const analyzers = { matchLabels: { app: podLabels["app"] } };

/** The user of the image, and of nothing else on a node. */
const analyzerUser = 60_930;

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
      runAsUser: analyzerUser,
      runAsGroup: analyzerUser,
      fsGroup: analyzerUser,
      seccompProfile: { type: "RuntimeDefault" },
    },
    ...jobPlacement(),
    containers: [analyzer(index, options)],
    volumes: [{ name: "out", emptyDir: {} }],
  };
}

/** Where a job that takes a slot may go, and where it would rather. */
export function jobPlacement(): KubeObject {
  return {
    affinity: { nodeAffinity: nodeAffinity(), podAntiAffinity: podAntiAffinity() },
    topologySpreadConstraints: [onlyWhereThereIsRoom()],
  };
}

/** Only where jobs may go, and rather where CPU is most free: slot-1 is there. */
function nodeAffinity(): KubeObject {
  return {
    requiredDuringSchedulingIgnoredDuringExecution: {
      nodeSelectorTerms: [{ matchExpressions: [isIn("posture/eligible", "true")] }],
    },
    preferredDuringSchedulingIgnoredDuringExecution: Array.from({ length: slots }, (_, place) => ({
      weight: heaviest - place * weightStep,
      preference: { matchExpressions: [isIn(slotLabel, `slot-${place + 1}`)] },
    })),
  };
}

/**
 * Nodes without room have no slot, and the scheduler takes none that lacks the
 * topology's label. A required node affinity would say the same to the kubelet
 * too, which fails a pod whose node has lost the label since: at its start, and
 * once it runs whenever the kubelet restarts (kubernetes#123980).
 */
function onlyWhereThereIsRoom(): KubeObject {
  return {
    maxSkew: 1,
    topologyKey: slotLabel,
    whenUnsatisfiable: "DoNotSchedule",
    labelSelector: analyzers,
  };
}

/** One analyzer a node, also when a node's labels change between the grant and the binding. */
function podAntiAffinity(): KubeObject {
  const term = { topologyKey: "kubernetes.io/hostname", labelSelector: analyzers };
  return { requiredDuringSchedulingIgnoredDuringExecution: [term] };
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
