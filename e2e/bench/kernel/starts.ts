import { eventually, pause } from "../../harness/wait.ts";
import type { Outcome } from "./outcome.ts";
import { type Bed, counted, endPods, look, type Measured, resizes, startPod } from "./pods.ts";
import type { Policy } from "./policies.ts";
import type { Row } from "./room.ts";

/** One start of a service. */
interface Start {
  readonly tookMs: number;
  readonly throttledSeconds: number;
  readonly cpuMilli: number;
  readonly othersMilli: number;
  readonly resizes: number;
}

const patienceMs = 60_000;

/** A service that is made anew again and again under every policy; what is told is how long it takes until it serves. */
export async function playStarts(bed: Bed, row: Row, policies: readonly Policy[]): Promise<Outcome[]> {
  const { restartSeconds = row.demand.seconds, seconds } = row.demand;
  const starts: Start[][] = policies.map(() => []);
  for (let round = 0; round < seconds / restartSeconds; round += 1) {
    const began = performance.now();
    await Promise.all(
      policies.map(async (policy, index) => {
        await pause(((index + round) % policies.length) * row.demand.apartMs);
        starts[index]?.push(await startOnce(bed, row, policy, round));
      }),
    );
    await pause(Math.max(0, began + restartSeconds * 1000 - performance.now()));
  }
  return policies.map((policy, index) => outcome(row, policy, starts[index] ?? []));
}

async function startOnce(bed: Bed, { demand, learnedMilli }: Row, policy: Policy, round: number): Promise<Start> {
  const sizes = policy.sizes({ requestMilli: demand.request, limitMilli: demand.limit }, learnedMilli);
  const { startCpuMs = 0 } = demand;
  const name = `${policy.name}-${round}`;
  const pod = await startPod(bed, { name, sizes, managed: policy.managed, startCpuMs });
  const from = { ...look(pod), usageNanos: 0, throttledNanos: 0 };
  const tookMs = await eventually(
    `${name} to serve`,
    () => startedMs(pod),
    (ms) => ms > 0,
    patienceMs,
  );
  await pause(2_000);
  const start = { tookMs, ...counted(from, look(pod)), resizes: await resizes(bed, pod) };
  await endPods(bed, [pod]);
  return start;
}

async function startedMs({ url }: Measured): Promise<number> {
  try {
    return Number(await (await fetch(`${url}/0`)).text());
  } catch {
    return 0;
  }
}

function outcome({ demand, learnedMilli }: Row, policy: Policy, starts: readonly Start[]): Outcome {
  const sum = (of: (start: Start) => number): number => starts.reduce((total, start) => total + of(start), 0);
  return {
    row: demand.name,
    policy: policy.name,
    ...policy.sizes({ requestMilli: demand.request, limitMilli: demand.limit }, learnedMilli),
    learningThrottledSeconds: 0,
    throttledSeconds: sum(({ throttledSeconds }) => throttledSeconds),
    cpuMilli: sum(({ cpuMilli }) => cpuMilli) / starts.length,
    othersMilli: sum(({ othersMilli }) => othersMilli) / starts.length,
    resizes: sum(({ resizes: each }) => each),
    latenciesMs: starts.map(({ tookMs }) => tookMs),
    failed: 0,
  };
}
