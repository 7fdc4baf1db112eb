import type { GpuSchedulingMapStatus } from "@walras/api";

import type { MapReport } from "../decide/schedule/cycle.ts";
import type { Seat } from "../decide/schedule/maps.ts";
import type { Devices } from "../decide/schedule/node.ts";
import { seatLack } from "../decide/schedule/obstacles.ts";
import { slotName } from "../decide/mig/slot.ts";
import { type Place, type Site, sits } from "../decide/schedule/site.ts";
import { driftOf, viewsOf } from "./drift.ts";

type Placement = NonNullable<GpuSchedulingMapStatus["placements"]>[number];
type Condition = NonNullable<GpuSchedulingMapStatus["conditions"]>[number];

/** What a status is made from. */
export interface StatusSources {
  readonly site: Site;
  readonly devices: Devices;
  /** As the API writes instants. */
  readonly now: string;
  readonly generation: number;
  readonly before: GpuSchedulingMapStatus;
}

const longestMessage = 1024;

/** What a map's status is to say. */
export function mapStatusOf(report: MapReport, sources: StatusSources): GpuSchedulingMapStatus {
  const { seats } = report.checked;
  const placements = seats.map((seat) => placementOf(seat, report, sources));
  const seated = seats.filter((seat) => isSeated(seat, sources.site)).length;
  const drifted = placements.filter(({ drift }) => drift !== undefined).length;
  const unsettled = placements.find(({ message }) => message !== undefined);
  return {
    observedGeneration: sources.generation,
    placed: `${seated}/${seats.length}`,
    drifted,
    conditions: [
      conditionOf("Valid", validity(report), sources),
      conditionOf("Placed", placed(seated === seats.length, report, unsettled), sources),
    ],
    placements: placements.toSorted((one, other) => one.podIndex - other.podIndex),
  };
}

type Verdict = Pick<Condition, "status" | "reason" | "message">;

function validity({ checked, unknown, hold }: MapReport): Verdict {
  const [first] = checked.conditions;
  const message = checked.conditions.map((one) => one.message).join("; ");
  if (first) return { status: "False", reason: first.type, message };
  if (unknown)
    return { status: "Unknown", reason: "GpusUnknown", message: hold ?? "of some node's GPUs no agent tells" };
  return { status: "True", reason: "Checked", message: "every entry names GPUs that there are, none twice" };
}

function placed(all: boolean, { hold }: MapReport, unsettled: Placement | undefined): Verdict {
  if (all) return { status: "True", reason: "AllPlaced", message: "every pod is where its entry says" };
  if (hold !== null) return { status: "False", reason: "Held", message: hold };
  if (!unsettled) return { status: "False", reason: "PodsMissing", message: "some entries have no pod yet" };
  const { podIndex, message = "", node } = unsettled;
  return { status: "False", reason: node ? "Elsewhere" : "Waiting", message: `podIndex ${podIndex}: ${message}` };
}

/** Its time is that of the last change of its status. */
function conditionOf(type: string, verdict: Verdict, { before, now, generation }: StatusSources): Condition {
  const last = before.conditions?.find((one) => one.type === type);
  const lastTransitionTime = last?.status === verdict.status ? last.lastTransitionTime : now;
  return {
    type,
    ...verdict,
    message: verdict.message.slice(0, longestMessage),
    lastTransitionTime,
    observedGeneration: generation,
  };
}

function placementOf(seat: Seat, report: MapReport, { site, devices }: StatusSources): Placement {
  const { podIndex } = seat.entry;
  const { pod } = seat;
  if (!pod) return { podIndex };
  const place = site.places.get(pod.uid);
  if (!place || pod.node === "")
    return { podIndex, pod: pod.name, ...said(place ? null : (report.hold ?? seatLack(seat, site))) };
  const views = viewsOf(pod, devices);
  const drift = driftOf(views);
  return {
    podIndex,
    pod: pod.name,
    node: pod.node,
    ...(pod.enforcedBy === "" ? {} : { enforcedBy: pod.enforcedBy }),
    intended: [...views.intended],
    ...(views.kubelet && { kubelet: [...views.kubelet] }),
    ...(views.process && { process: [...views.process] }),
    ...(drift === null ? {} : { drift: drift.slice(0, longestMessage) }),
    ...said(elsewhere(place, seat)),
  };
}

function said(message: string | null): Pick<Placement, "message"> {
  return message === null ? {} : { message: message.slice(0, longestMessage) };
}

function elsewhere(place: Place, seat: Seat): string | null {
  if (seat.uuids === null || sits(place, seat)) return null;
  return `it runs elsewhere than the map says, which is ${seat.entry.node}:${seat.entry.gpus.map(slotName).join(",")}`;
}

function isSeated({ pod, ...seat }: Seat, { places }: Site): boolean {
  const place = pod && pod.node !== "" ? places.get(pod.uid) : undefined;
  return place !== undefined && sits(place, { pod, ...seat });
}
