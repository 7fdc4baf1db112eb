import type { PodState } from "../../../base/cluster/pod.ts";
import type { PodOutcome, RoundResult } from "./result.ts";
import type { Target } from "../decide/snapshot.ts";
import { limitOf, requestOf } from "./sums.ts";

/** A pod as its node's market last saw it. */
export interface PodView {
  readonly namespace: string;
  readonly name: string;
  readonly requestMilli: number;
  /** null: no container has a limit */
  readonly limitMilli: number | null;
  readonly binding: Target["binding"] | "LeftAlone";
  /** What it may use of CPU that does not suffice; null: it is not rationed. */
  readonly rationMilli: number | null;
  /** How its last resize stands, or why it is left alone. */
  readonly standing: string;
  /** Core-seconds lent (more than 0) or borrowed. */
  readonly creditSeconds: number;
}

/** One node's market after its last round. */
export interface NodeView {
  readonly node: string;
  readonly mode: string;
  readonly capacityMilli: number;
  /** Per core; null where it is infinite. */
  readonly limitPrice: number | null;
  readonly requestPrice: number | null;
  readonly pods: readonly PodView[];
}

/** A resize that was sent, with what bound it. */
export interface ResizeView {
  readonly atUnixMs: number;
  readonly node: string;
  readonly namespace: string;
  readonly pod: string;
  readonly cause: string;
  readonly binding: string;
  readonly containers: readonly {
    readonly name: string;
    readonly fromRequestMilli: number;
    readonly toRequestMilli: number;
    readonly fromLimitMilli: number | null;
    readonly toLimitMilli: number | null;
  }[];
}

const mostResizes = 200;

/** What the market did lately, for screens: the last round of each node and the last resizes. */
export class MarketView {
  readonly #resizes: ResizeView[] = [];
  #sent = 0;

  /** @param wallMs milliseconds since the Unix epoch */
  record({ decision, fresh }: RoundResult, wallMs: number): void {
    for (const outcome of fresh) {
      if (!outcome.resize) continue;
      this.#sent += 1;
      this.#resizes.push(resizeView(decision.node, outcome, decision.targets, wallMs));
    }
    if (this.#resizes.length > mostResizes) this.#resizes.splice(0, this.#resizes.length - mostResizes);
  }

  /** @param results each node's last round */
  read(results: Iterable<RoundResult>): {
    nodes: readonly NodeView[];
    resizes: readonly ResizeView[];
    resizesSent: number;
  } {
    return { nodes: [...results].map(nodeView), resizes: this.#resizes, resizesSent: this.#sent };
  }
}

function nodeView({ decision, outcomes }: RoundResult): NodeView {
  return {
    node: decision.node,
    mode: decision.mode,
    capacityMilli: decision.capacityMilli,
    limitPrice: perCore(decision.limitPrice),
    requestPrice: perCore(decision.requestPrice),
    pods: outcomes.map((outcome) => podView(outcome, decision.targets, decision.credits)),
  };
}

function podView(
  { managed, verdict, ration }: PodOutcome,
  targets: readonly Target[],
  credits: ReadonlyMap<string, number>,
): PodView {
  const { pod, leftAlone } = managed;
  return {
    namespace: pod.namespace,
    name: pod.name,
    requestMilli: requestOf(pod),
    limitMilli: limitOf(pod.containers.map(({ desired }) => desired.limitMilli)),
    binding: bindingOf(pod, targets),
    rationMilli: ration?.rationMilli ?? null,
    standing: leftAlone?.reason ?? verdict.kind,
    creditSeconds: (credits.get(pod.uid) ?? 0) / 1000,
  };
}

function resizeView(node: string, outcome: PodOutcome, targets: readonly Target[], atUnixMs: number): ResizeView {
  const { pod } = outcome.managed;
  return {
    atUnixMs,
    node,
    namespace: pod.namespace,
    pod: pod.name,
    cause: outcome.resize?.cause ?? "market",
    binding: bindingOf(pod, targets),
    containers: (outcome.resize?.containers ?? []).map(({ name, requestMilli, limitMilli }) => {
      const desired = pod.containers.find((one) => one.name === name)?.desired;
      return {
        name,
        fromRequestMilli: desired?.requestMilli ?? 0,
        toRequestMilli: requestMilli,
        fromLimitMilli: desired?.limitMilli ?? null,
        toLimitMilli: limitMilli,
      };
    }),
  };
}

function bindingOf(pod: PodState, targets: readonly Target[]): PodView["binding"] {
  return targets.find(({ podUid }) => podUid === pod.uid)?.binding ?? "LeftAlone";
}

function perCore(price: number): number | null {
  return Number.isFinite(price) ? price * 1000 : null;
}
