import type { Clock, Rng } from "@walras/kit";

import type { AdmissionHook } from "./admission/review.ts";
import type { Catalogue } from "./catalogue.ts";
import type { Store } from "./store.ts";

/** What the parts of the server share. */
export interface ServerContext {
  readonly clock: Clock;
  readonly rng: Rng;
  readonly store: Store;
  readonly catalogue: Catalogue;
  /** Asked in order before a write is stored. */
  readonly hooks: AdmissionHook[];
}

/** Now, as metadata timestamps show it: whole seconds. */
export function timestamp({ clock }: Pick<ServerContext, "clock">, afterSeconds = 0): string {
  return `${new Date(clock.wallMs() + afterSeconds * 1000).toISOString().slice(0, 19)}Z`;
}

/** A new UID (RFC 9562 version 4). */
export function newUid({ rng }: Pick<ServerContext, "rng">): string {
  const template = "xxxxxxxx-xxxx-4xxx-yxxx-xxxxxxxxxxxx";
  return template.replaceAll(/[xy]/g, (place) => {
    const digit = Math.floor(rng() * 16);
    return (place === "x" ? digit : (digit & 0x3) | 0x8).toString(16);
  });
}

const suffixLetters = "bcdfghjklmnpqrstvwxz2456789";

/** The five letters that generateName appends. */
export function nameSuffix({ rng }: Pick<ServerContext, "rng">): string {
  return Array.from({ length: 5 }, () => suffixLetters[Math.floor(rng() * suffixLetters.length)]).join("");
}
