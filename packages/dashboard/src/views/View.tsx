import type { JSX } from "preact";

import type { Route } from "../state/route.ts";
import { useModel } from "../widgets/context.ts";
import { NoPart } from "../widgets/Notice.tsx";

import { Cpu } from "./Cpu.tsx";
import { Gpus } from "./Gpus.tsx";
import { Intents } from "./Intents.tsx";
import { Node } from "./Node.tsx";
import { Pod } from "./Pod.tsx";
import { Releases } from "./Releases.tsx";
import { Slots } from "./Slots.tsx";

/** Which part of the controller each list is of. */
const partOf = { releases: "carla", slots: "batch", gpus: "gpu", intents: "intents" } as const;
const nameOf = { releases: "Releases", slots: "Batch slots", gpus: "GPUs", intents: "Intents" } as const;

const lists = { releases: Releases, slots: Slots, gpus: Gpus, intents: Intents } as const;

/** What the address names. */
export function View(): JSX.Element {
  const model = useModel();
  const { value: route } = model.route;
  if (route.at === "node") return <Node key={route.node} node={route.node} />;
  if (route.at === "pod")
    return <Pod key={`${route.namespace}/${route.pod}`} namespace={route.namespace} pod={route.pod} />;
  if (route.view === "cpu") return <Cpu />;
  const parts = model.summary.value?.parts;
  if (parts !== undefined && !parts.includes(partOf[route.view]))
    return <NoPart part={partOf[route.view]} what={nameOf[route.view]} />;
  return <List view={route.view} item={route.item} />;
}

interface ListProps {
  readonly view: Exclude<Extract<Route, { at: "list" }>["view"], "cpu">;
  readonly item: string | null;
}

function List({ view, item }: ListProps): JSX.Element {
  const { [view]: Shown } = lists;
  return <Shown item={item} />;
}
