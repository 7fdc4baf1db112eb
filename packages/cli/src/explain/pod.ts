import { type Explanation, managedLabel, type PodAllocation, podAllocationResource } from "@walras/api";
import { allocationName } from "@walras/controller/market";
import { type KubeTransport, type ObjectName, resources } from "@walras/kube";

import { eventsOn, newestOf, type TellingEvent } from "../cluster/events.ts";
import { type AnyObject, ifThere, named, nameOf } from "../cluster/read.ts";
import { declaredMilliOf, type Pod } from "../cluster/objects.ts";
import { cpuNumber, cut, numberOf, type Numbered, type Reason, sourceOf, unreadEvents } from "./parts.ts";
import { bindingMeans, changesFor, eventsFor } from "./standing.ts";

type Verdict = Pick<Explanation, "state" | "verdict" | "since" | "reasons" | "change" | "numbers">;

/**
 * Why a pod has this much CPU, from its PodAllocation.
 *
 * @throws FieldError where there is no such pod, ClusterError, KubeError
 */
export async function explainPod(written: string, namespace: string, transport: KubeTransport): Promise<Explanation> {
  const name = nameOf(written, namespace, "pod");
  const pod = await named<Pod>(transport, resources.pod, name, "pod");
  const found = await allocationOf(transport, pod, name);
  const events = await eventsOn(transport, "Pod", pod.metadata);
  const told = found ? fromAllocation(found, events) : await withoutAllocation(pod, name, transport);
  const sources = found
    ? [sourceOf(podAllocationResource, found.metadata, ".status"), sourceOf(resources.pod, name)]
    : [sourceOf(resources.pod, name, `.metadata.labels.${managedLabel}`)];
  return {
    subject: { kind: "pod", ...name },
    ...told,
    unknown: events === null ? [unreadEvents] : [],
    events: events ?? [],
    sources,
  };
}

/** A successor of the same name is another pod. */
async function allocationOf(
  transport: KubeTransport,
  { metadata: { uid = "" } }: Pod,
  pod: ObjectName,
): Promise<PodAllocation | undefined> {
  const name = { namespace: pod.namespace, name: allocationName({ ...pod, uid }) };
  const found = await ifThere<PodAllocation>(transport, podAllocationResource, name);
  return found && (found.spec.podUID ?? uid) === uid ? found : undefined;
}

function fromAllocation(allocation: PodAllocation, events: readonly TellingEvent[] | null): Verdict {
  const { status = {} } = allocation;
  const { reason = "Pending", message = "nothing was said of it yet", binding } = status;
  const began = newestOf(events, eventsFor(reason))?.since;
  return {
    state: reason,
    verdict: cut(message, 4096),
    since: began ?? status.lastAppliedTime ?? null,
    reasons: [
      { reason, message: cut(message, 4096) },
      ...(binding === undefined ? [] : [{ reason: binding, message: bindingMeans(binding) }]),
      ...priced(status),
    ],
    change: [...changesFor(reason, binding)],
    numbers: numbersOf(allocation),
  };
}

function priced({
  shadowPriceCPU: price,
  requestPriceCPU: requestPrice,
}: NonNullable<PodAllocation["status"]>): Reason[] {
  const told: Reason[] = [];
  if (price !== undefined)
    told.push({
      reason: price > 0 ? "NodePriced" : "NodeFree",
      message:
        price > 0
          ? `the node's CPU has a price of ${price} a core: it does not suffice for all`
          : "the node has CPU enough for all that is wanted",
    });
  if (requestPrice !== undefined && requestPrice > 0)
    told.push({
      reason: "RequestsPriced",
      message: `more is asked for in requests than the node may promise: ${requestPrice} a core`,
    });
  return told;
}

function numbersOf({ metadata, spec, status = {} }: PodAllocation): Numbered[] {
  const at = (path: string): string => `${metadata.namespace}/${metadata.name}.${path}`;
  const declared = sums(spec.containers, "declaredCPURequest");
  const { bid } = status;
  return [
    cpuNumber("declared request", declared, at("spec.containers[].declaredCPURequest")),
    cpuNumber("request desired", spec.desiredCPURequest, at("spec.desiredCPURequest")),
    cpuNumber("request enforced", status.appliedCPURequest, at("status.appliedCPURequest")),
    ...present(
      cpuNumber("declared limit", sums(spec.containers, "declaredCPULimit"), at("spec.containers[].declaredCPULimit")),
    ),
    ...present(cpuNumber("limit desired", spec.desiredCPULimit, at("spec.desiredCPULimit"))),
    ...present(cpuNumber("limit enforced", status.appliedCPULimit, at("status.appliedCPULimit"))),
    ...present(cpuNumber("ration", status.rationCPU, at("status.rationCPU"))),
    numberOf("price", status.shadowPriceCPU, "/core", `${at("status.shadowPriceCPU")}: of the node's CPU in limits`),
    numberOf(
      "request price",
      status.requestPriceCPU,
      "/core",
      `${at("status.requestPriceCPU")}: of the node's CPU in requests`,
    ),
    ...present(
      numberOf("guaranteed", bid?.floorMilli, "m", `${at("status.bid.floorMilli")}: what it keeps in any case`),
    ),
    ...present(numberOf("wanted", bid?.capMilli, "m", `${at("status.bid.capMilli")}: more is of no use to it`)),
    ...present(numberOf("weight", bid?.weight, "", `${at("status.bid.weight")}: bargaining power, credit included`)),
    ...present(numberOf("credit", status.credit, "core-s", `${at("status.credit")}: lent (more than 0) or borrowed`)),
  ];
}

/** A number that says nothing where it is absent: a pod without limits has none. */
function present(number: Numbered): Numbered[] {
  return number.value === null ? [] : [number];
}

type Containers = PodAllocation["spec"]["containers"];

/** As a quantity; undefined where no container has it. */
function sums(containers: Containers, key: "declaredCPURequest" | "declaredCPULimit"): string | undefined {
  const found = (containers ?? []).flatMap((one) => one[key] ?? []);
  if (found.length === 0) return undefined;
  return `${found.reduce((sum, text) => sum + (cpuNumber(key, text, key).value ?? 0), 0)}m`;
}

async function withoutAllocation(pod: Pod, name: ObjectName, transport: KubeTransport): Promise<Verdict> {
  const numbers = [numberOf("declared request", declaredMilliOf(pod), "m", "spec.containers[].resources.requests.cpu")];
  const own = pod.metadata.labels?.[managedLabel];
  const label = own ?? (await namespaceLabel(name.namespace, transport));
  if (label === "true")
    return {
      state: "Unknown",
      verdict: "it is opted in, and no controller has said anything of it",
      since: null,
      reasons: [{ reason: "NoAllocation", message: "there is no PodAllocation of this pod" }],
      change: [
        "a controller that runs and leads: walras doctor --kubeconfig FILE says what it lacks",
        "--mode other than off",
      ],
      numbers,
    };
  const where = own === undefined ? `neither it nor its namespace ${name.namespace} is` : "it is not";
  return {
    state: "NotManaged",
    verdict: `it is not on the market: ${where} labelled ${managedLabel}=true`,
    since: null,
    reasons: [
      {
        reason: "NotOptedIn",
        message: `the label ${managedLabel} is ${label === undefined ? "absent" : `"${label}"`}`,
      },
    ],
    change: [`kubectl -n ${name.namespace} label pod ${name.name} ${managedLabel}=true`],
    numbers,
  };
}

/** Of the namespace; undefined where it has none. */
async function namespaceLabel(namespace: string, transport: KubeTransport): Promise<string | undefined> {
  const found = await ifThere<AnyObject>(transport, resources.namespace, { namespace: "", name: namespace });
  return found?.metadata.labels?.[managedLabel];
}
