import {
  type Explanation,
  gpuSchedulingMapResource,
  type GpuSchedulingMapSpec,
  type GpuSchedulingMapStatus,
} from "@walras/api";
import { errorAt } from "@walras/kit";
import { type KubeTransport, resources } from "@walras/kube";

import { eventsOn, type TellingEvent } from "../cluster/events.ts";
import { isAlive, keyOf, type Metadata, type Node, type Pod } from "../cluster/objects.ts";
import { ifAllowed, listOf, named, selected } from "../cluster/read.ts";
import { numberOf, type Reason, sourceOf, unreadEvents } from "./parts.ts";

interface GpuMap {
  readonly metadata: Metadata & { readonly namespace: string };
  readonly spec?: GpuSchedulingMapSpec;
  readonly status?: GpuSchedulingMapStatus;
}

type Placement = NonNullable<GpuSchedulingMapStatus["placements"]>[number];

/** A pod of a map that was given this GPU. */
interface Holder {
  readonly map: GpuMap;
  readonly placement: Placement;
  readonly uuid: string | null;
}

const logicalName = "gpu-node-name";
const devicesAnnotation = "gpu.walras.io/devices";

/** Who has a GPU of a node, and how what was chosen, given and used differ, from maps and pods. @throws FieldError, ClusterError, KubeError */
export async function explainGpu(written: string, transport: KubeTransport): Promise<Explanation> {
  const { nodeName, index } = readGpu(written);
  const node = await named<Node>(transport, resources.node, { namespace: "", name: nodeName }, "gpu");
  const maps = await ifAllowed(() => listOf<GpuMap>(transport, gpuSchedulingMapResource));
  const pods = (await selected<Pod>(transport, resources.pod, { fieldSelector: `spec.nodeName=${nodeName}` })).filter(
    isAlive,
  );
  const holders = (maps ?? []).flatMap((map) => holdersIn(map, node, index));
  const told = await eventsOf(transport, pods, holders);
  const byDevice = pods.filter(({ metadata }) => metadata.annotations?.[devicesAnnotation] !== undefined);
  return {
    subject: { kind: "gpu", name: `${nodeName}:${index}` },
    ...verdictOf(holders, `${nodeName}:${index}`),
    numbers: numbersOf(node, byDevice, holders),
    unknown: [
      ...(maps === null ? ["GpuSchedulingMaps: not installed, or not to be read with these credentials"] : []),
      ...(told === null ? [unreadEvents] : []),
      ...(holders.length === 0
        ? ["its UUID: only maps tell which number has which; /gpus on the controller's ops port knows all"]
        : []),
    ],
    events: told ?? [],
    sources: [
      sourceOf(resources.node, { namespace: "", name: nodeName }),
      ...holders.map(({ map }) => sourceOf(gpuSchedulingMapResource, map.metadata, ".status.placements")),
    ],
  };
}

function readGpu(written: string): { readonly nodeName: string; readonly index: number } {
  const [, nodeName, index] = /^([^:/\s]+):(\d{1,4})$/.exec(written) ?? [];
  if (nodeName === undefined) throw errorAt("gpu", written, "is not NODE:INDEX, such as node1:0");
  return { nodeName, index: Number(index) };
}

/** Entries of a map that name this GPU; a map names nodes by a label, or by their names. */
function holdersIn(map: GpuMap, { metadata }: Node, index: number): Holder[] {
  const called = metadata.labels?.[logicalName] ?? metadata.name;
  return (map.spec?.schedulingMap ?? []).flatMap(({ podIndex, nodeName, gpuDevices }) => {
    if (nodeName !== called && nodeName !== metadata.name) return [];
    const at = numbersIn(gpuDevices).indexOf(index);
    const placement = map.status?.placements?.find((one) => one.podIndex === podIndex);
    if (at < 0) return [];
    return [{ map, placement: placement ?? { podIndex }, uuid: placement?.intended?.[at] ?? null }];
  });
}

/** "0,1:2" → 0, 1: an instance belongs to its GPU. */
function numbersIn(devices: string): number[] {
  return devices.split(",").map((one) => Number.parseInt(one, 10));
}

type Verdict = Pick<Explanation, "state" | "verdict" | "since" | "reasons" | "change">;

function verdictOf(holders: readonly Holder[], gpu: string): Verdict {
  const seated = holders.filter(({ placement }) => placement.pod !== undefined);
  const drifted = seated.filter(({ placement }) => placement.drift !== undefined);
  const reasons = holders.flatMap(reasonsOf);
  if (holders.length === 0)
    return {
      state: "Unmapped",
      verdict: `no map gives ${gpu} to anybody`,
      since: null,
      reasons: [],
      change: ["an entry of a GpuSchedulingMap that names it"],
    };
  if (drifted.length > 0)
    return {
      state: "Drift",
      verdict: `${namesOf(drifted)} ${drifted.length === 1 ? "is" : "are"} on other GPUs than was chosen`,
      since: null,
      reasons,
      change: [
        "rollout: Recreate in its map, or the pod deleted: it is placed anew",
        "DRA instead of a device plugin, which cannot be told which GPU to give",
      ],
    };
  if (seated.length === 0)
    return {
      state: "Waiting",
      verdict: `${gpu} is kept for ${namesOf(holders)}, and none of them is there`,
      since: null,
      reasons,
      change: ["pods of these numbers"],
    };
  return { state: "Taken", verdict: `${gpu} is ${namesOf(seated)}'s`, since: null, reasons, change: [] };
}

function namesOf(holders: readonly Holder[]): string {
  return holders
    .map(
      ({ map, placement }) =>
        `${map.metadata.namespace}/${placement.pod ?? `number ${placement.podIndex} of ${map.metadata.name}`}`,
    )
    .join(", ");
}

/** The four ways to say who has it: the map, what was chosen, what the kubelet gave, what processes are on. */
function reasonsOf({ map, placement }: Holder): Reason[] {
  const { intended, kubelet, process, drift, message, enforcedBy, node } = placement;
  const list = (uuids: readonly string[] | undefined): string =>
    uuids === undefined ? "not known" : uuids.join(",") || "none";
  const who = `${keyOf(map.metadata)} ${placement.pod ?? `number ${placement.podIndex}`}`;
  return [
    {
      reason: "Mapped",
      message: `${who}: on ${node ?? "no node yet"}, kept to it by ${enforcedBy ?? "nothing that is known"}`,
    },
    { reason: "Chosen", message: `intended ${list(intended)}; kubelet ${list(kubelet)}; processes ${list(process)}` },
    ...(drift === undefined ? [] : [{ reason: "Drift", message: drift }]),
    ...(message === undefined ? [] : [{ reason: "Placement", message }]),
  ];
}

function numbersOf(
  { metadata, status }: Node,
  pods: readonly Pod[],
  holders: readonly Holder[],
): Explanation["numbers"] {
  const gpus = status?.allocatable?.["nvidia.com/gpu"];
  return [
    numberOf(
      "GPUs of the node",
      gpus === undefined ? null : Number(gpus),
      "",
      `node ${metadata.name}.status.allocatable[nvidia.com/gpu]`,
    ),
    numberOf("pods with GPUs by UUID", pods.length, "", `pods on it with the annotation ${devicesAnnotation}`),
    numberOf("entries of maps", holders.length, "", "GpuSchedulingMap spec.schedulingMap that name this GPU"),
  ];
}

/** On the pods that have it. */
async function eventsOf(
  transport: KubeTransport,
  pods: readonly Pod[],
  holders: readonly Holder[],
): Promise<TellingEvent[] | null> {
  const names = new Set(
    holders.flatMap(({ map, placement }) =>
      placement.pod === undefined ? [] : `${map.metadata.namespace}/${placement.pod}`,
    ),
  );
  const found: TellingEvent[] = [];
  for (const { metadata } of pods.filter((pod) => names.has(keyOf(pod.metadata)))) {
    const events = await eventsOn(transport, "Pod", metadata);
    if (events === null) return null;
    found.push(...events.filter(({ reason }) => gpuReasons.has(reason)));
  }
  return found.toSorted((one, other) => (one.at < other.at ? 1 : -1)).slice(0, 20);
}

const gpuReasons = new Set([
  "Scheduled",
  "FailedScheduling",
  "GpuDrift",
  "GpuPodMoved",
  "GpuDefragmented",
  "Preempted",
]);
