import { annotations, declaredAnnotation, managedLabel } from "../names.ts";

/** A named expression of CEL. */
export interface Named {
  readonly name: string;
  readonly expression: string;
}

const labels = "object.metadata.?labels";
const annotation = (key: string): string => `object.metadata.?annotations[?"${key}"]`;

/** Every container of the pod that is to keep running, and what it asks for. */
const mainContainers = "object.spec.containers";
const allContainers = `(${mainContainers} + object.spec.?initContainers.orValue([]))`;

const amount = (list: "requests" | "limits", resource: string): string =>
  `c.?resources.?${list}[?"${resource}"].orValue("")`;
const isPinned = (resource: string): string =>
  `${amount("limits", resource)} != "" && quantity(${amount("limits", resource)}).compareTo(quantity(${amount("requests", resource)})) == 0`;

/** When the pod is created: the API server has just entered whoever creates it, and there is no other clock. */
const now = "object.metadata.managedFields.map(m, timestamp(m.time)).max()";

/** Whoever creates the pod has set this annotation, or has hidden what it sets. Policies are no managers of fields. */
export const setsDeclared = `(size(object.metadata.?managedFields.orValue([])) == 0 || object.metadata.managedFields.exists(m, m.?fieldsV1[?"f:metadata"][?"f:annotations"][?"f:${declaredAnnotation}"].hasValue()))`;

const ownLabel = `${labels}[?"${managedLabel}"]`;

/** Which pods are sized: what the market would size when they run, and what it can give back. */
export const conditions: readonly Named[] = [
  { name: "not-opted-out", expression: `${ownLabel}.orValue("true") == "true"` },
  {
    name: "mode-resizes-requests",
    expression: `${annotation(annotations.mode)}.orValue("full") in ["requests", "full"]`,
  },
  {
    name: "has-a-workload",
    expression: "object.metadata.?ownerReferences.orValue([]).exists(o, o.?controller.orValue(false))",
  },
  { name: "declares-for-itself", expression: `!${setsDeclared}` },
  { name: "profile-is-valid", expression: `${now} < timestamp(params.spec.validUntil)` },
  {
    name: "can-be-resized",
    expression: [
      "!has(object.spec.resources)",
      'object.spec.?os.?name.orValue("linux") != "windows"',
      `!${annotation("kubernetes.io/config.mirror")}.hasValue()`,
      '!object.spec.?priorityClassName.orValue("").startsWith("system-")',
      '!object.spec.?runtimeClassName.orValue("").matches("(?i)gvisor|runsc|kata")',
      `${mainContainers}.all(c, ${amount("requests", "cpu")} != "" && !c.?resizePolicy.orValue([]).exists(r, r.resourceName == "cpu" && r.restartPolicy == "RestartContainer"))`,
    ].join(" && "),
  },
  {
    name: "not-guaranteed",
    expression: `!${allContainers}.all(c, ${isPinned("cpu")} && ${isPinned("memory")})`,
  },
];

const ownerName = "variables.owner.name";
const withoutSuffix = (length: string): string => `${ownerName}.substring(0, size(${ownerName}) - ${length})`;
const isNamedBy = (hash: string): string =>
  `${hash} != "" && ${ownerName}.endsWith("-" + ${hash}) && size(${ownerName}) > size(${hash}) + 1`;

const replicaSetOwner = (kind: string, hash: string): string =>
  `variables.owner.kind == "ReplicaSet" && ${isNamedBy(hash)} ? "${kind}/" + ${withoutSuffix(`size(${hash}) - 1`)}`;

const milli = (text: string): string => `int(quantity(${text}).asApproximateFloat() * 1000.0 + 0.5)`;
const roundedUp = (value: string): string => `int(${value} + 0.999999)`;

/** Values of one map are of one type unless that is hidden. */
const mapOf = (values: Readonly<Record<string, string>>): string =>
  `{${Object.entries(values)
    .map(([key, value]) => `"${key}": dyn(${value})`)
    .join(", ")}}`;

/** One for each container of a list that is known and may be resized. */
const asking = (list: string, path: string, condition: string): string =>
  `${list}.transformList(i, c, ${condition} && c.name in variables.known && ${amount("requests", "cpu")} != "", ` +
  mapOf({
    path: `"${path}/" + string(i)`,
    name: "c.name",
    declared: milli(amount("requests", "cpu")),
    limit: `${amount("limits", "cpu")} == "" ? 0 : ${milli(amount("limits", "cpu"))}`,
    known: "variables.known[c.name]",
  }) +
  ")";

const isSidecar =
  'c.?restartPolicy.orValue("") == "Always" && !c.?resizePolicy.orValue([]).exists(r, r.resourceName == "cpu" && r.restartPolicy == "RestartContainer")';

/**
 * The request that a container needs, as the controller reckons it for pods that run (need.ts): its habit as far as it
 * is trusted, what the workload needs now, and the bounds.
 */
const needs = [
  "10",
  "int(params.spec.minMilli)",
  "int(a.known.leastMilli)",
  "int(a.declared + a.known.trustPercent * (a.known.habitMilli - a.declared) / 100)",
  roundedUp("double(a.declared) / double(params.spec.overbook)"),
  roundedUp("double(a.limit) / double(params.spec.?maxLimitRequestRatio.orValue(1000000))"),
];

const need = {
  path: "a.path",
  name: "a.name",
  declared: "a.declared",
  milli: `([${needs.join(", ")}].max() + 9) / 10 * 10`,
};

/** Of a request less than this is not worth a difference: as for pods that run (requestDeadband, leastStepMilli). */
const leastCut = "[20, int(n.declared) / 5].max()";

/** What is reckoned of a pod, in this order. */
export const variables: readonly Named[] = [
  // Conditions are not told of the namespace.
  {
    name: "optedIn",
    expression: `${ownLabel}.orValue(namespaceObject.metadata.?labels[?"${managedLabel}"].orValue("")) == "true"`,
  },
  { name: "owner", expression: "object.metadata.ownerReferences.filter(o, o.?controller.orValue(false))[0]" },
  { name: "hash", expression: `${labels}[?"pod-template-hash"].orValue("")` },
  { name: "rolloutHash", expression: `${labels}[?"rollouts-pod-template-hash"].orValue("")` },
  // A CronJob names its Jobs by the minute for which they were due.
  {
    name: "lateSeconds",
    expression: `variables.owner.kind == "Job" && ${ownerName}.matches("^.+-[0-9]{8}$") ? int(${now}) - 60 * int(${ownerName}.substring(size(${ownerName}) - 8)) : -3600`,
  },
  {
    name: "workload",
    expression: [
      replicaSetOwner("Deployment", "variables.hash"),
      replicaSetOwner("Rollout", "variables.rolloutHash"),
      `variables.lateSeconds > -60 && variables.lateSeconds < 604800 ? "CronJob/" + ${withoutSuffix("9")}`,
      `variables.owner.kind + "/" + ${ownerName}`,
    ].join(" : "),
  },
  { name: "known", expression: "params.spec.workloads[?variables.workload].orValue({})" },
  {
    name: "asking",
    expression: `${asking(mainContainers, "/spec/containers", "true")} + ${asking("object.spec.?initContainers.orValue([])", "/spec/initContainers", isSidecar)}`,
  },
  { name: "needs", expression: `variables.asking.map(a, ${mapOf(need)})` },
  { name: "sized", expression: `variables.needs.filter(n, n.declared - n.milli >= ${leastCut})` },
];

/** The patches: smaller requests, and what was declared left behind. */
export const patches = [
  "!variables.optedIn || size(variables.sized) == 0 ? [] :",
  '(has(object.metadata.annotations) ? [] : [JSONPatch{op: "add", path: "/metadata/annotations", value: {}}]) +',
  `[JSONPatch{op: "add", path: "/metadata/annotations/" + jsonpatch.escapeKey("${declaredAnnotation}"),`,
  'value: variables.sized.map(n, n.name + "=" + string(n.declared) + "m/" + string(n.milli) + "m").join(",")}] +',
  'variables.sized.map(n, JSONPatch{op: "replace", path: n.path + "/resources/requests/cpu", value: string(n.milli) + "m"})',
].join(" ");
