import type { Sight } from "../sight/sight.ts";
import type { Expected, ExpectedPod } from "./expected.ts";
import { doubleBookings, type Holding } from "./bookings.ts";
import { deviceFindings, wantedBy } from "./devices.ts";
import { type Finding, gravest, type Report, type Row } from "./report.ts";
import { isIsolated, type Visible, visibleTo } from "./visible.ts";

/** What came back from a pod that was asked. */
export type Answer =
  | { readonly kind: "sight"; readonly sight: Sight }
  | { readonly kind: "missing"; readonly reason: string }
  | { readonly kind: "silent"; readonly reason: string };

/** A reading that is older says nothing of now. */
const freshMs = 60_000;

/** Holds what the pods see against the map. Nothing that is not known counts as well. */
export function verdict(expected: Expected, seen: ReadonlyMap<number, Answer>): Report {
  const uuids = countedBy(seen.values());
  const held: Holding[] = [];
  const rows = expected.pods.map((pod): Row => {
    const answer = seen.get(pod.podIndex) ?? { kind: "silent", reason: "was not asked" };
    const sight = sightOf(pod, answer);
    if ("state" in sight) return rowOf(pod, null, [sight]);
    const visible = visibleTo(sight, uuids);
    held.push({ podIndex: pod.podIndex, node: sight.node, devices: visible.devices, share: pod.share });
    return rowOf(pod, seenOf(sight, visible), [
      ...nodeFindings(pod, sight, expected),
      ...deviceFindings(sight, visible, wantedBy(pod, sight, uuids, expected)),
    ]);
  });
  const booked = doubleBookings(held);
  const judged = rows.map((row) => withFindings(row, booked.get(row.podIndex) ?? []));
  return { green: judged.every(({ state }) => state === "ok"), rows: judged };
}

/** Numbers of a node's GPUs, by those who see all of them. */
function countedBy(answers: Iterable<Answer>): Map<string, string> {
  const counted = new Map<string, string>();
  for (const answer of answers) {
    if (answer.kind !== "sight" || isIsolated(answer.sight)) continue;
    for (const { index, uuid } of answer.sight.gpus ?? [])
      if (!uuid.startsWith("MIG-")) counted.set(`${answer.sight.node}:${index}`, uuid);
  }
  return counted;
}

function sightOf({ podIndex }: ExpectedPod, answer: Answer): Sight | Finding {
  if (answer.kind === "missing") return { state: "pod missing", message: answer.reason };
  if (answer.kind === "silent") return { state: "not answering", message: answer.reason };
  const { pod, ageMs } = answer.sight;
  if (!pod.endsWith(`-${podIndex}`)) return { state: "not answering", message: `pod ${pod} answered in its place` };
  if (ageMs <= freshMs) return answer.sight;
  return { state: "not answering", message: `its last reading is ${Math.round(ageMs / 1000)} s old` };
}

function nodeFindings({ node }: ExpectedPod, sight: Sight, { nodesByLabel }: Expected): readonly Finding[] {
  const meant = nodesByLabel.get(node) ?? [node];
  if (sight.node === null)
    return [{ state: "not proven", message: "NODE_NAME is not set, so that its node is not known" }];
  if (!meant.includes(sight.node)) {
    const by = meant.length === 1 && meant[0] === node ? "" : ` (${meant.join(", ")})`;
    return [{ state: "wrong node", message: `is on ${sight.node}, should be on ${node}${by}` }];
  }
  if (meant.length === 1) return [];
  return [
    { state: "not proven", message: `${node} is the gpu-node-name of ${meant.length} nodes: ${meant.join(", ")}` },
  ];
}

function seenOf({ node, cudaVisibleDevices, gpus }: Sight, { devices }: Visible): NonNullable<Row["seen"]> {
  return { node, cudaVisibleDevices, gpus: devices, by: gpus === null ? "variable" : "devices" };
}

function rowOf({ podIndex, node, gpus }: ExpectedPod, seen: Row["seen"], findings: readonly Finding[]): Row {
  return { podIndex, state: gravest(findings), findings, expected: { node, gpus }, seen };
}

function withFindings(row: Row, more: readonly Finding[]): Row {
  const findings = [...row.findings, ...more];
  return { ...row, findings, state: gravest(findings) };
}
