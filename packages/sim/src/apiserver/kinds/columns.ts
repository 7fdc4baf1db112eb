import { asMap, asText, type KubeObject, mapsOf, valueAt } from "../objects/model.ts";
import type { PrinterColumn } from "../resources.ts";

const age: PrinterColumn = { name: "Age", type: "date", read: ({ metadata }) => metadata.creationTimestamp };

function column(name: string, type: string, read: PrinterColumn["read"], priority = 0): PrinterColumn {
  return { name, type, read, priority };
}

function at(...path: readonly string[]): PrinterColumn["read"] {
  return (object) => valueAt(object, path);
}

function readyContainers(pod: KubeObject): string {
  const ready = mapsOf(pod.status?.["containerStatuses"]).filter((status) => status["ready"] === true);
  return `${ready.length}/${mapsOf(pod.spec?.["containers"]).length}`;
}

function podState(pod: KubeObject): string {
  return pod.metadata.deletionTimestamp ? "Terminating" : asText(pod.status?.["phase"]);
}

function restarts(pod: KubeObject): number {
  return mapsOf(pod.status?.["containerStatuses"]).reduce(
    (sum, status) => sum + Number(status["restartCount"] ?? 0),
    0,
  );
}

function nodeState(node: KubeObject): string {
  const ready = mapsOf(node.status?.["conditions"]).find((condition) => condition["type"] === "Ready");
  const state = ready?.["status"] === "True" ? "Ready" : "NotReady";
  return node.spec?.["unschedulable"] === true ? `${state},SchedulingDisabled` : state;
}

/** kubectl get pods */
export const podColumns: readonly PrinterColumn[] = [
  column("Ready", "string", readyContainers),
  column("Status", "string", podState),
  column("Restarts", "integer", restarts),
  age,
  column("IP", "string", at("status", "podIP"), 1),
  column("Node", "string", at("spec", "nodeName"), 1),
];

/** kubectl get nodes */
export const nodeColumns: readonly PrinterColumn[] = [
  column("Status", "string", nodeState),
  age,
  column("Version", "string", at("status", "nodeInfo", "kubeletVersion")),
  column("Internal-IP", "string", (node) => asMap(mapsOf(node.status?.["addresses"])[0])["address"], 1),
];

/** kubectl get events */
export const eventColumns: readonly PrinterColumn[] = [
  column(
    "Last Seen",
    "date",
    (event) => event["lastTimestamp"] ?? event["eventTime"] ?? event.metadata.creationTimestamp,
  ),
  column("Type", "string", at("type")),
  column("Reason", "string", at("reason")),
  column("Object", "string", (event) => {
    const { kind, name } = asMap(event["involvedObject"]);
    return `${asText(kind).toLowerCase()}/${asText(name)}`;
  }),
  column("Message", "string", at("message")),
];

/** kubectl get deployments, replicasets, statefulsets */
export const workloadColumns: readonly PrinterColumn[] = [
  column("Desired", "integer", at("spec", "replicas")),
  column("Current", "integer", (object) => object.status?.["replicas"] ?? 0),
  column("Ready", "integer", (object) => object.status?.["readyReplicas"] ?? 0),
  age,
];
