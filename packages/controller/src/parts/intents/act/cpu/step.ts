import { formatCpu } from "@walras/kit";

import type { ObjectRef } from "../../../../base/told/decision.ts";
import type { Live, LivePod, LiveReader } from "../live.ts";
import { type Market, Obstacle, type Step, type Undo } from "../ports.ts";
import { rollsOut, type TemplateWriter } from "../template.ts";
import { amountsOf, type CpuAmounts, sizedContainer } from "./amounts.ts";
import { NotInPlace, type PodSizer } from "./sizer.ts";

export interface CpuParts {
  readonly reader: LiveReader;
  readonly sizer: PodSizer;
  readonly template: TemplateWriter;
  readonly market: Market;
  /** `boost_factor` of the actuator. */
  readonly boost: number;
}

/**
 * Sizes the CPU of each pod's last container. One owner a field: what the
 * market sizes is bounded, and the market resizes it; what nobody sizes is
 * resized in place; only where that is not possible the template is changed.
 */
export function cpuStep(ref: ObjectRef, valueMilli: number, parts: CpuParts): Step {
  const amounts = amountsOf(valueMilli, parts.boost);
  return {
    actions: ["scaleCPU"],
    do: async (done) => {
      const live = await parts.reader.read(ref);
      const pods = (await parts.reader.pods(live)).filter(({ state }) => isRunning(state));
      if (pods.length === 0) throw new Obstacle("Outdated", "no pod of it runs");
      const undos: Undo[] = [];
      try {
        await sizeAll(pods, amounts, { ...parts, undos });
      } catch (error) {
        if (!(error instanceof NotInPlace)) throw error;
        if (!rollsOut(ref)) throw new Obstacle("Refused", error.message);
        await takeBack(undos);
        done(await parts.template.change(ref, live.template, { containers: [inTemplate(live, amounts)] }));
      } finally {
        undos.forEach(done);
      }
    },
  };
}

async function sizeAll(
  pods: readonly LivePod[],
  amounts: CpuAmounts,
  parts: CpuParts & { readonly undos: Undo[] },
): Promise<void> {
  for (const pod of pods) parts.undos.push(await sizePod(pod, amounts, parts));
}

/** What is taken back is taken off the list, so that the rest of it is known where one fails. */
async function takeBack(undos: Undo[]): Promise<void> {
  for (let last = undos.at(-1); last !== undefined; last = undos.at(-1)) {
    await last();
    undos.pop();
  }
}

function isRunning({ phase, terminating }: LivePod["state"]): boolean {
  return phase === "Running" && !terminating;
}

/** The market is left alone with it, unless it was told before and has not followed: then it does not run. */
function sizePod(pod: LivePod, amounts: CpuAmounts, { sizer, market }: CpuParts): Promise<Undo> {
  if (!market.sizes(pod.state.uid)) return sizer.resize(pod, amounts);
  if (sizer.isTold(pod, amounts) && !isOfSize(pod, amounts)) return sizer.resize(pod, amounts);
  return sizer.bound(pod, amounts);
}

function isOfSize({ state }: LivePod, { requestMilli, limitMilli }: CpuAmounts): boolean {
  const desired = sizedContainer(state)?.desired;
  const milli = Math.max(desired?.requestMilli ?? 0, desired?.limitMilli ?? 0);
  return milli >= requestMilli && (limitMilli === null || milli <= limitMilli);
}

function inTemplate({ template }: Live, { requestMilli, limitMilli }: CpuAmounts) {
  const { name = "" } = template.containers.at(-1) ?? {};
  return {
    name,
    requests: { cpu: formatCpu(requestMilli) },
    limits: { cpu: limitMilli === null ? null : formatCpu(limitMilli) },
  };
}
