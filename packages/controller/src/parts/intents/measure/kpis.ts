import type { Measurement } from "../decide/snapshot.ts";
import { availabilityOf, isServing } from "../decide/workload.ts";
import type { Measured, Meter, SeenIntent } from "../loop/ports.ts";
import type { Way } from "../observe/profiles.ts";
import { type Ask, type Asking, keyOf } from "./asked.ts";
import type { AgentDemand } from "./demand.ts";
import type { HostMetrics } from "./hosts.ts";
import { inTurns } from "./inTurns.ts";
import { filled } from "./template.ts";

/** Knows how a KPI is measured. */
interface Ways {
  wayOf(profile: string): Way | undefined;
}

export interface MeterOptions {
  readonly ways: Ways;
  readonly asking: Asking;
  readonly hosts: HostMetrics;
  /** undefined: no agents report here. */
  readonly demand: AgentDemand | undefined;
  /** Queries at a time. */
  readonly mostAtATime: number;
  /** After it nothing more is asked: planning does not wait for ever. */
  readonly roundMs: number;
  readonly monotonicMs: () => number;
}

type Intent = SeenIntent["intent"];

/** What the KPIs of intents are, by Prometheus and by what became of pods. */
export class KpiMeter implements Meter {
  readonly #options: MeterOptions;

  constructor(options: MeterOptions) {
    this.#options = options;
  }

  /** A query that several intents have is asked once. */
  async measure(intents: readonly SeenIntent[], signal: AbortSignal): Promise<Measured> {
    const asks = new Map(intents.flatMap(({ intent }) => this.#asksOf(intent)).map((ask) => [keyOf(ask), ask]));
    const answers = await this.#answers(asks, signal);
    const nodes = new Set(intents.flatMap(({ intent }) => intent.pods.flatMap(({ node }) => node ?? [])));
    await this.#options.hosts.refresh(nodes, signal);
    return new Map(intents.map((seen) => [seen.intent.name, this.#measured(seen, answers)]));
  }

  async #answers(asks: ReadonlyMap<string, Ask>, signal: AbortSignal): Promise<Map<string, Measurement>> {
    const { asking, mostAtATime, roundMs, monotonicMs } = this.#options;
    const answers = new Map<string, Measurement>();
    const untilMs = monotonicMs() + roundMs;
    asking.keepOnly(new Set(asks.keys()));
    await inTurns(asks, mostAtATime, async ([key, ask]) => {
      if (signal.aborted || monotonicMs() > untilMs) return;
      answers.set(key, await asking.ask(ask, signal));
    });
    return answers;
  }

  #asksOf(intent: Intent): Ask[] {
    return intent.objectives.flatMap(({ profile }) => askFor(this.#options.ways.wayOf(profile), intent) ?? []);
  }

  #measured(seen: SeenIntent, answers: ReadonlyMap<string, Measurement>): Map<string, Measurement> {
    return new Map(
      seen.intent.objectives.map(({ profile }) => [profile, this.#measurement(profile, seen, answers) ?? missing]),
    );
  }

  #measurement(
    profile: string,
    { intent, target }: SeenIntent,
    answers: ReadonlyMap<string, Measurement>,
  ): Measurement | undefined {
    const way = this.#options.ways.wayOf(profile);
    if (way?.kind === "pods") return availabilityNow(intent);
    if (way?.kind === "agents") return target ? this.#options.demand?.of(way.of, target) : undefined;
    const ask = askFor(way, intent);
    return ask && answers.get(keyOf(ask));
  }
}

const missing: Measurement = { kind: "missing" };

function askFor(way: Way | undefined, { target }: Intent): Ask | undefined {
  if (way === undefined || way.kind === "pods" || way.kind === "agents") return undefined;
  const { endpoint, query } = way;
  return { endpoint, query: way.kind === "template" ? filled(query, target) : query };
}

/** Of the pods together, as the prototype computes it; nothing where there are none. */
function availabilityNow({ pods }: Intent): Measurement {
  const serving = pods.filter(isServing).map(({ availability }) => availability);
  return serving.length === 0 ? missing : { kind: "value", value: availabilityOf(serving) };
}
