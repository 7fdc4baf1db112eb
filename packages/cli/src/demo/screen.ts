import type { NodeView, ResizeView } from "@walras/controller/views";
import type { ClusterTruth, NodeTruth, RunSummary } from "@walras/sim";

import type { MarketReading } from "./market.ts";

/** One moment of the demo. */
export interface DemoState {
  readonly truth: ClusterTruth;
  readonly market: MarketReading;
  readonly summary: RunSummary;
  /** Containers throttled since the last picture, with the share of the time. */
  readonly throttled: readonly { readonly node: string; readonly pod: string; readonly share: number }[];
  /** Where there is more to see. */
  readonly hints: readonly string[];
}

const colours = { bold: "1", dim: "2", red: "31", green: "32", yellow: "33", cyan: "36" } as const;

function paint(colour: keyof typeof colours, text: string): string {
  return `\u001B[${colours[colour]}m${text}\u001B[0m`;
}

/** The picture of a moment: nodes and prices, who is throttled, what was resized and why. */
export function render(state: DemoState, rows: number): string {
  const { truth, market, summary, throttled } = state;
  const head = [
    `${paint("bold", "walras demo")}  ${seconds(truth.elapsedMs / 1000)}  ${market.resizesSent} resizes`,
    ...state.hints.map((hint) => paint("dim", hint)),
    "",
    paint("bold", "NODE      MARKET        PRICE/core   USED / CAPACITY"),
    ...truth.nodes.map((node) =>
      nodeLine(
        node,
        market.nodes.find((one) => one.node === node.name),
      ),
    ),
    "",
    `throttled: ${paint("green", `${summary.market.throttledSeconds.toFixed(1)} s`)} with the market, ${paint("red", `${summary.static.throttledSeconds.toFixed(1)} s`)} under the limits the pods were created with`,
    `work lost: ${paint("green", `${summary.market.lostSeconds.toFixed(1)} s`)} with the market, ${paint("red", `${summary.static.lostSeconds.toFixed(1)} s`)} under those limits`,
    "",
    paint("bold", "RATIONED NOW"),
    ...atLeastOne(market.nodes.flatMap(rationLines).slice(0, 5)),
    "",
    paint("bold", "THROTTLED NOW"),
    ...atLeastOne(
      throttled
        .slice(0, 5)
        .map(
          ({ node, pod, share }) => `${node}  ${pod.padEnd(28)} ${paint("yellow", bar(share, 20))} ${percent(share)}`,
        ),
    ),
    "",
    paint("bold", "RESIZED"),
  ];
  const room = Math.max(3, rows - head.length - 1);
  return [...head, ...market.resizes.slice(-room).toReversed().map(resizeLine)].join("\n");
}

function nodeLine(node: NodeTruth, view: NodeView | undefined): string {
  const share = node.usedCores / node.cores;
  const mode = view?.mode ?? "unknown";
  const price = view?.limitPrice ?? 0;
  const colour = mode === "uncongested" ? "green" : "red";
  return `${node.name.padEnd(9)} ${paint(colour, mode.padEnd(12))} ${price.toFixed(2).padStart(9)}   ${paint("cyan", bar(share, 30))} ${node.usedCores.toFixed(2)} / ${node.cores}`;
}

/** Who wants more than its share of a node that is used up. */
function rationLines({ node, pods }: NodeView): string[] {
  return pods.flatMap(({ name, rationMilli, requestMilli }) =>
    rationMilli === null ? [] : [`${node}  ${name.padEnd(28)} may use ${rationMilli}m; requested ${requestMilli}m`],
  );
}

function resizeLine({ atUnixMs, node, pod, binding, cause, containers }: ResizeView): string {
  const time = new Date(atUnixMs).toISOString().slice(11, 19);
  const changes = containers.map(
    (one) =>
      `${one.fromRequestMilli}→${one.toRequestMilli}m request, ${one.fromLimitMilli ?? "no"}→${one.toLimitMilli ?? "no"}m limit`,
  );
  return `${paint("dim", time)}  ${node}  ${pod.padEnd(24)} ${changes.join("; ").padEnd(44)} ${paint("dim", cause === "market" ? (reasons[binding] ?? binding) : cause)}`;
}

/** Why a container gets this much, in words. */
const reasons: Readonly<Record<string, string>> = {
  Need: "what it needs",
  Capacity: "its share of a node that is used up",
  Floor: "its guarantee on a node that is used up",
  MinCpu: "its least, by annotation",
  MaxCpu: "its most, by annotation",
  Held: "held: no telemetry",
};

function bar(share: number, width: number): string {
  const full = Math.round(Math.min(1, Math.max(0, share)) * width);
  return "█".repeat(full) + "░".repeat(width - full);
}

function percent(share: number): string {
  return `${Math.round(share * 100)}%`;
}

function seconds(count: number): string {
  return `${Math.floor(count)} s`;
}

function atLeastOne(lines: readonly string[]): readonly string[] {
  return lines.length > 0 ? lines : [paint("dim", "nobody")];
}
