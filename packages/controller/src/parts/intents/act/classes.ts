import { parseCpu } from "@walras/kit";

import type { ObjectRef } from "../../../base/told/decision.ts";
import type { Live, LiveReader } from "./live.ts";
import { Obstacle, type Step } from "./ports.ts";
import type { TemplateChange, TemplateWriter } from "./template.ts";

/** Where no class and no profile is set. */
const none = "None";

export interface ClassParts {
  readonly reader: LiveReader;
  readonly template: TemplateWriter;
}

/** Sets the class of cache, by the annotation that the node's runtime reads. */
export function cacheClassStep(ref: ObjectRef, option: string, annotation: string, parts: ClassParts): Step {
  const value = option === none ? null : option;
  return templateStep("configureRDT", ref, parts, () => ({ annotations: { [annotation]: value } }));
}

/** Sets the power profile, by an extended resource of as many as the container has cores. */
export function powerProfileStep(ref: ObjectRef, profile: string, options: readonly string[], parts: ClassParts): Step {
  return templateStep("setPowerProfile", ref, parts, ({ containers }) => ({
    containers: containers.map(({ name, resources }) => {
      const others = Object.fromEntries(
        options
          .filter((one) => one !== none && (resources?.requests?.[one] ?? resources?.limits?.[one]) !== undefined)
          .map((one) => [one, null]),
      );
      const amounts = profile === none ? others : { ...others, [profile]: coresOf(name, resources?.requests?.["cpu"]) };
      return { name, requests: amounts, limits: amounts };
    }),
  }));
}

/** Extended resources are whole numbers; so is the CPU of pods that have cores for themselves. */
function coresOf(container: string, cpu: string | undefined): string {
  if (cpu === undefined) throw new Obstacle("Refused", `container ${container} requests no CPU to take a profile for`);
  return String(Math.ceil(parseCpu(cpu, `container ${container}`) / 1000));
}

function templateStep(
  action: string,
  ref: ObjectRef,
  { reader, template }: ClassParts,
  changeOf: (template: Live["template"]) => TemplateChange,
): Step {
  return {
    actions: [action],
    do: async (done) => {
      const live = await reader.read(ref);
      done(await template.change(ref, live.template, changeOf(live.template)));
    },
  };
}
