import type { Runnable } from "@walras/kit";

import { EmbeddedKnowledge } from "./knowledge/embedded.ts";
import { MongoKnowledge } from "./knowledge/mongo.ts";
import { ModelCache } from "./learn/cache.ts";
import { Learner } from "./learn/learner.ts";
import type { KnowledgeBase } from "./loop/ports.ts";
import type { Memory, Needs } from "./needs.ts";

/** For one call to MongoDB. */
const timeoutMs = 5_000;
const dayMs = 86_400_000;
const mostBytes = 256 * 2 ** 20;
/** A week of rounds of 45 s is 13,440. */
const mostEventsOfIntent = 15_000;
/** All intents together. */
const mostEvents = 2_000_000;

/** What was planned and learnt, and who learns from it. */
export function wireKnowledge({ around, flags, config, metrics }: Needs): Memory {
  const base = wireBase({ around, flags, metrics });
  const { scaleOut, scaleCPU } = config.actuators;
  const lookBackMinutes = Math.max(scaleOut.look_back, scaleCPU.look_back);
  const cache = new ModelCache(lookBackMinutes, (intent, problem) => {
    around.logger.warn({ intent, problem }, "a model that cannot be read is left out");
  });
  const onLearnt = (kind: string): void => metrics.learnt.inc({ kind });
  const learner = new Learner({ ...around, base, cache, lookBackMinutes, onLearnt });
  return { knowledge: base, models: cache, learner, runnables: [base] };
}

function wireBase({ around, flags, metrics }: Pick<Needs, "around" | "flags" | "metrics">): KnowledgeBase & Runnable {
  const keptMs = flags.intentsKnowledgeDays * dayMs;
  const { intentsMongo: uri, intentsKnowledge: folder } = flags;
  if (uri === undefined) return new EmbeddedKnowledge({ ...around, folder, mostBytes, mostEventsOfIntent, keptMs });
  const onDropped = (count: number): void => metrics.unrecorded.inc(count);
  return new MongoKnowledge({ ...around, uri, keptMs, mostEvents, timeoutMs, onDropped });
}
