import { isDeepStrictEqual } from "node:util";

import { KubeError, type KubeTransport, objectPath } from "@walras/kube";

import type { ObjectRef } from "../../../base/told/decision.ts";
import { type Live, type LiveReader, meantFor, type TemplateContainer } from "./live.ts";
import { Obstacle, type Undo } from "./ports.ts";
import type { PlanWriter } from "./writer.ts";

/** A change of a pod template: null takes an annotation or a resource away. */
export interface TemplateChange {
  readonly annotations?: Readonly<Record<string, string | null>>;
  readonly containers?: readonly {
    readonly name: string;
    readonly requests: Readonly<Record<string, string | null>>;
    readonly limits: Readonly<Record<string, string | null>>;
  }[];
}

/** Kinds that roll their pods out anew when the template changes. */
const rollingKinds: ReadonlySet<string> = new Set(["Deployment", "StatefulSet"]);

export function rollsOut({ kind }: Pick<ObjectRef, "kind">): boolean {
  return rollingKinds.has(kind);
}

/** Changes pod templates, which restarts the pods one after the other. */
export class TemplateWriter {
  readonly #transport: KubeTransport;
  readonly #reader: LiveReader;
  readonly #writer: PlanWriter;

  constructor(transport: KubeTransport, reader: LiveReader, writer: PlanWriter) {
    this.#transport = transport;
    this.#reader = reader;
    this.#writer = writer;
  }

  /**
   * @param seen the workload as the change was made for; another template is left as it is
   * @returns what takes it back, unless somebody has changed the template since
   * @throws Obstacle, KubeError
   */
  async change(ref: ObjectRef, seen: Live["template"], change: TemplateChange): Promise<Undo> {
    const after = await this.#writer.perform(`template ${ref.uid}`, () => this.#change(ref, seen, change));
    return async () => {
      await this.#writer.perform(`template ${ref.uid}`, () => this.#change(ref, after, inverse(change, seen)));
    };
  }

  async #change(ref: ObjectRef, seen: Live["template"], change: TemplateChange): Promise<Live["template"]> {
    if (!rollsOut(ref)) throw new Obstacle("Refused", `a ${ref.kind} does not roll its template out`);
    const live = await this.#reader.read(ref);
    const wanted = changed(seen, change);
    if (isDeepStrictEqual(live.template, wanted)) return wanted;
    if (!isDeepStrictEqual(live.template, seen))
      throw new Obstacle("Outdated", "somebody has changed its template meanwhile");
    await this.#patch(live, change);
    return (await this.#reader.read(ref)).template;
  }

  async #patch(live: Live, { annotations = {}, containers = [] }: TemplateChange): Promise<void> {
    const listed = containers.map(({ name, requests, limits }) => ({ name, resources: { requests, limits } }));
    const spec = listed.length === 0 ? {} : { spec: { containers: listed } };
    const template = { metadata: { annotations }, ...spec };
    await this.#transport
      .send({
        method: "PATCH",
        path: objectPath(live.resource, live),
        contentType: "application/strategic-merge-patch+json",
        body: meantFor(live, { spec: { template } }),
      })
      .catch(refusedByRules);
  }
}

/** The API server says which field is wrong with it: it will say so again. */
function refusedByRules(error: unknown): never {
  if (error instanceof KubeError && error.status === 422) throw new Obstacle("Refused", error.message);
  throw error;
}

/** What takes a change back: each value that it sets is what it was before. */
function inverse({ annotations = {}, containers = [] }: TemplateChange, before: Live["template"]): TemplateChange {
  const own = (name: string): TemplateContainer["resources"] =>
    before.containers.find((container) => container.name === name)?.resources;
  return {
    annotations: valuesOf(annotations, before.annotations),
    containers: containers.map(({ name, requests, limits }) => ({
      name,
      requests: valuesOf(requests, own(name)?.requests),
      limits: valuesOf(limits, own(name)?.limits),
    })),
  };
}

type Texts = Readonly<Record<string, string>>;
type Changes = Readonly<Record<string, string | null>>;

function valuesOf(keys: Changes, before: Texts = {}): Changes {
  return Object.fromEntries(Object.keys(keys).map((key) => [key, before[key] ?? null]));
}

function changed(seen: Live["template"], { annotations = {}, containers = [] }: TemplateChange): Live["template"] {
  return {
    annotations: merged(seen.annotations, annotations),
    containers: seen.containers.map((one) => {
      const change = containers.find(({ name }) => name === one.name);
      if (!change) return one;
      const requests = merged(one.resources?.requests, change.requests);
      const limits = merged(one.resources?.limits, change.limits);
      return { ...one, resources: { ...one.resources, requests, limits } };
    }),
  };
}

function merged(before: Texts = {}, changes: Changes): Texts {
  const all = { ...before, ...changes };
  return Object.fromEntries(Object.entries(all).filter((entry): entry is [string, string] => entry[1] !== null));
}
