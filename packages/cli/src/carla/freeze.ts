import { userInfo } from "node:os";

import { type Freeze, freezeNote, freezeText, readFreeze } from "@walras/controller/carla";
import { type Clock, errorAt, parseDuration } from "@walras/kit";
import type { KubeTransport } from "@walras/kube";

import { ClusterError } from "../cluster/failure.ts";

import { whichApplication } from "./whichApplication.ts";

export interface FreezeOptions {
  /** Where CARLA runs. */
  readonly namespace: string;
  /** A time with a zone, or a duration from now; until it is lifted where not given. */
  readonly until?: string;
  readonly except: readonly string[];
  readonly inFlight: Freeze["inFlight"];
  readonly by?: string;
  readonly reason?: string;
}

interface Around {
  readonly transport: KubeTransport;
  readonly clock: Clock;
}

/**
 * Stops new releases, as soon as CARLA sees it: within two seconds. A freeze
 * takes the place of the one before. An exception is a name where one
 * Application has it, or "namespace/name".
 *
 * @returns what has been done, for people
 * @throws FieldError for what cannot be meant
 */
export async function freeze(options: FreezeOptions, { transport, clock }: Around): Promise<string> {
  const { namespace, except } = options;
  const made = freezeOf(options, clock.wallMs());
  for (const name of except) await checkException(transport, name);
  await freezeNote(transport, namespace).write(freezeText(made));
  const until = made.untilMs === null ? "until walras carla unfreeze" : `until ${new Date(made.untilMs).toISOString()}`;
  const but = except.length === 0 ? "" : `, except ${except.join(", ")}`;
  const inFlight = made.inFlight === "end" ? "; what is in flight is ended" : "";
  return `releases are frozen ${until}${but}${inFlight}`;
}

/** A freeze is not stopped by a cluster that does not have the Applications: Argo CD may be elsewhere. */
async function checkException(transport: KubeTransport, name: string): Promise<void> {
  try {
    await whichApplication(transport, name, undefined);
  } catch (error) {
    if (!(error instanceof ClusterError)) throw error;
  }
}

/** Lifts the freeze; one of the policy stays. @returns what has been done, for people */
export async function unfreeze(namespace: string, { transport }: Pick<Around, "transport">): Promise<string> {
  const note = freezeNote(transport, namespace);
  const text = await note.read();
  if (text === null) return "no freeze is in force";
  await note.write(null);
  return `unfrozen (it was of ${byOf(text, namespace)})`;
}

/** One that cannot be read is lifted as well. */
function byOf(text: string, namespace: string): string {
  try {
    return readFreeze(text, namespace).by;
  } catch {
    return "nobody knows whom";
  }
}

/** What is to be written. @throws FieldError for what cannot be meant */
export function freezeOf({ until, except, inFlight, by, reason }: FreezeOptions, nowMs: number): Freeze {
  const who = by ?? userInfo().username;
  return {
    fromMs: nowMs,
    untilMs: until === undefined ? null : untilOf(until, nowMs),
    except: new Set(except),
    inFlight,
    by: reason === undefined ? who : `${who}: ${reason}`,
  };
}

function untilOf(text: string, nowMs: number): number {
  const isTime = /^\d{4}-\d\d-\d\dT.*(Z|[+-]\d\d:\d\d)$/.test(text);
  const untilMs = isTime ? Date.parse(text) : /^\d{4}-/.test(text) ? NaN : nowMs + parseDuration(text, "--until");
  if (Number.isNaN(untilMs)) throw errorAt("--until", text, "is not a time with a zone such as 2026-12-24T18:00:00Z");
  if (untilMs <= nowMs) throw errorAt("--until", text, "is past");
  return untilMs;
}
