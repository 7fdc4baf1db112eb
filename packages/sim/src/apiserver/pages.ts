import type { KubeObject } from "./objects/model.ts";
import { type ApiFailure, badRequest, expired } from "./status.ts";

/** One page of a list. */
export interface Page {
  readonly items: readonly KubeObject[];
  /** The version all pages of this list are of. */
  readonly version: number;
  /** For the next page; undefined on the last. */
  readonly continueToken?: string;
  readonly remaining?: number;
}

interface Kept {
  readonly items: readonly KubeObject[];
  readonly version: number;
}

const keptLists = 64;

/**
 * Lists in pages that all show the same moment: the first page fixes the
 * items, later ones are slices of them.
 */
export class Pager {
  #next = 1;
  readonly #kept = new Map<string, Kept>();

  /** @param limit items a page; 0 is all */
  first(items: readonly KubeObject[], version: number, limit: number): Page {
    if (limit <= 0 || items.length <= limit) return { items, version };
    const id = `${this.#next++}`;
    this.#kept.set(id, { items, version });
    const oldest = this.#kept.keys().next().value;
    if (this.#kept.size > keptLists && oldest !== undefined) this.#kept.delete(oldest);
    return this.#slice(id, 0, limit);
  }

  /** @throws ApiFailure 400 for a token of no list, 410 for one that is forgotten */
  next(token: string, limit: number): Page {
    const match = /^(\d+):(\d+)$/.exec(Buffer.from(token, "base64url").toString());
    if (!match) throw badRequest("invalid continue token: continue key is not valid");
    const [, id = "", offset] = match;
    return this.#slice(id, Number(offset), limit > 0 ? limit : Number.MAX_SAFE_INTEGER);
  }

  /** Forgets every list, so that all tokens expire. */
  expire(): void {
    this.#kept.clear();
  }

  #slice(id: string, offset: number, limit: number): Page {
    const list = this.#kept.get(id);
    if (!list) throw tooOld();
    const end = offset + limit;
    const items = list.items.slice(offset, end);
    if (end >= list.items.length) return { items, version: list.version };
    const continueToken = Buffer.from(`${id}:${end}`).toString("base64url");
    return { items, version: list.version, continueToken, remaining: list.items.length - end };
  }
}

function tooOld(): ApiFailure {
  return expired(
    "The provided continue parameter is too old to display a consistent list result. You can start a new list without the continue parameter.",
  );
}
