import type { Clock, Logger } from "@walras/kit";
import type { KubeTransport } from "@walras/kube";

import type { Gate, Writes } from "../../../base/access/gate.ts";
import type { ActuatorsConfig } from "../config/actuators.ts";
import type { SeenIntent, SeenTarget } from "../loop/ports.ts";
import { PlanActor } from "./actor.ts";
import { CoolDowns } from "./coolDown.ts";
import { PodSizer } from "./cpu/sizer.ts";
import { Kinds } from "./kinds.ts";
import { LiveReader } from "./live.ts";
import { PodMarker } from "./marks.ts";
import type { ForeignActuators, Market } from "./ports.ts";
import { ReplicaScaler } from "./replicas.ts";
import { TemplateWriter } from "./template.ts";
import { PlanWriter } from "./writer.ts";

/** What an actor is made of. */
export interface ActorNeeds {
  readonly transport: KubeTransport;
  readonly writes: Pick<Writes, "perform">;
  readonly gate: Pick<Gate, "mayAct" | "why">;
  readonly actuators: ActuatorsConfig;
  /** After an actuator was used. */
  readonly coolDownMs: number;
  readonly market: Market;
  readonly foreign: ForeignActuators;
  readonly again: (seen: SeenIntent) => SeenTarget | null;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** The actor, and what takes off the marks that others have left. */
export interface FittedActor {
  readonly actor: PlanActor;
  readonly marker: PodMarker;
}

export function fitActor(needs: ActorNeeds): FittedActor {
  const { transport, clock, coolDownMs } = needs;
  const reader = new LiveReader(transport, new Kinds(transport));
  const writer = new PlanWriter(needs);
  const marker = new PodMarker(transport, writer, () => clock.wallMs());
  const parts = {
    ...needs,
    reader,
    marker,
    scaler: new ReplicaScaler(transport, reader, writer),
    sizer: new PodSizer(transport, writer),
    template: new TemplateWriter(transport, reader, writer),
  };
  return { actor: new PlanActor({ ...needs, parts, coolDowns: new CoolDowns(coolDownMs) }), marker };
}
