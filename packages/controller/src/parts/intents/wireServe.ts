import type { PlanActor } from "./act/actor.ts";
import type { Memory, Needs, World } from "./needs.ts";
import { pluginSecurityOf } from "./plugins/flags.ts";
import type { ForeignPlan, PlanCarrier } from "./plugins/serve/ports.ts";
import { Proposer } from "./plugins/serve/proposer.ts";
import { ServedActuators } from "./plugins/serve/served.ts";
import type { SeenIntent, Sight } from "./loop/ports.ts";

interface Serving {
  readonly actor: Pick<PlanActor, "execute">;
  readonly world: Pick<World, "observer">;
  readonly remembering: Pick<Memory, "models" | "learner">;
}

/** Our actuators for a planner of the prototype's, which then plans in our place. */
export function wireServe({ flags, config, around }: Needs, parts: Serving): ServedActuators {
  const { remembering } = parts;
  const at = flags.intentsServeAddress.lastIndexOf(":");
  return new ServedActuators({
    ...around,
    names: flags.intentsServe,
    host: flags.intentsServeAddress.slice(0, at),
    port: Number(flags.intentsServeAddress.slice(at + 1)),
    advertisedHost: flags.intentsServeHost ?? "",
    manager: flags.intentsServeManager ?? "",
    security: pluginSecurityOf(flags),
    proposer: new Proposer({ config, models: remembering.models, clock: around.clock }),
    carrier: carrierOf(parts, () => around.clock.wallMs()),
  });
}

/** The planner has no more than the names of things: what is seen of them here is what is acted on. */
export function carrierOf({ actor, world, remembering }: Serving, wallMs: () => number): PlanCarrier {
  return {
    perform: async (actuator, { intent, plan }: ForeignPlan) => {
      const nowMs = wallMs();
      const own = plan.filter(({ name }) => name === actuator);
      if (own.length === 0) return;
      const { verdict, message } = await actor.execute(seenOf(world.observer.look(nowMs), intent), own, nowMs);
      if (verdict !== "Done") throw new Error(`${verdict}: ${message}`);
    },
    learn: async (_, intent, signal) => {
      const sight = world.observer.look(wallMs());
      await remembering.learner.step({ ...sight, intents: [seenOf(sight, intent)] }, signal);
    },
  };
}

function seenOf({ intents }: Sight, name: string): SeenIntent {
  const seen = intents.find(({ intent }) => intent.name === name);
  if (seen === undefined) throw new Error(`there is no Intent ${name}`);
  return seen;
}
