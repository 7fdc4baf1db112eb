import { scaledJobResource } from "@walras/controller/batch";
import { resources } from "@walras/kube";
import { stringify } from "yaml";

import { defaultFlags } from "./flags.ts";
import { configMapResource, type Labels, type Manifest, ownLabels } from "./kinds.ts";
import type { PostureOptions } from "./options.ts";
import { configName, outputRoot, scaledJobSpec } from "./scaledJob.ts";

/** The objects of the example, in the order in which they are made. */
export function manifestsOf(options: PostureOptions): readonly Manifest[] {
  const scaledJobs = Array.from({ length: options.jobs }, (_, index) => scaledJob(index, options));
  return [namespace(options), config(options), ...scaledJobs];
}

/** What the scaler's own manifests say of the same namespace: the two must not fight over it. */
const restricted: Labels = {
  "pod-security.kubernetes.io/enforce": "restricted",
  "pod-security.kubernetes.io/audit": "restricted",
  "pod-security.kubernetes.io/warn": "restricted",
};

/** Only the example's own is restricted: in another there may be pods that would be refused. */
function namespace({ namespace: name }: PostureOptions): Manifest {
  const metadata = name === defaultFlags.namespace ? { name, labels: restricted } : { name };
  return { resource: resources.namespace, object: { apiVersion: "v1", kind: "Namespace", metadata } };
}

function config(options: PostureOptions): Manifest {
  return {
    resource: configMapResource,
    object: {
      apiVersion: configMapResource.apiVersion,
      kind: configMapResource.kind,
      metadata: { name: configName, namespace: options.namespace, labels: ownLabels },
      data: environment(options),
    },
  };
}

/** As many workers as the container may use CPUs. */
function environment({ broker, copies }: PostureOptions): Labels {
  return {
    MQTT_BROKER: broker.host,
    MQTT_PORT: String(broker.port),
    MQTT_TOPIC: "images/#",
    NUM_WORKERS: "1",
    COPIES_SCHEDULE: copies,
    OUTPUT_DIR: `${outputRoot}/pictures`,
    DB_ENABLED: "false",
  };
}

function scaledJob(index: number, options: PostureOptions): Manifest {
  const { apiVersion, kind } = scaledJobResource;
  return {
    resource: scaledJobResource,
    object: {
      apiVersion,
      kind,
      metadata: { name: `posture-analyzer-job-${index}`, namespace: options.namespace, labels: ownLabels },
      spec: scaledJobSpec(index, options),
    },
  };
}

/** As one stream of YAML documents. */
export function toYaml(objects: readonly object[]): string {
  return objects.map((object) => stringify(object, { lineWidth: 0, aliasDuplicateObjects: false })).join("---\n");
}
