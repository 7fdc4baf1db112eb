import { status } from "@grpc/grpc-js";
import type { Logger } from "@walras/kit";

import type { Failure } from "./failure.ts";
import type { ScaledRef } from "./port.ts";

/** More objects than a cluster has that are wrong at once; beyond it some are told twice. */
const mostRemembered = 5000;

/** Logs what is wrong with an object's trigger when it begins and when it ends, not at each poll. */
export class Complaints {
  readonly #logger: Logger;
  readonly #told = new Map<string, string>();

  constructor(logger: Logger) {
    this.#logger = logger;
  }

  /** @param failure null: the call succeeded */
  hear(method: string, { namespace, name }: Pick<ScaledRef, "namespace" | "name">, failure: Failure | null): void {
    const key = `${method} ${namespace}/${name}`;
    const text = failure && `${status[failure.code]}: ${failure.details}`;
    if (text === (this.#told.get(key) ?? null)) return;
    if (text === null) {
      this.#told.delete(key);
      this.#logger.info({ method, namespace, name }, "trigger is answered again");
      return;
    }
    if (this.#told.size >= mostRemembered) this.#told.clear();
    this.#told.set(key, text);
    this.#logger.warn({ method, namespace, name, error: text }, "trigger is not answered");
  }
}
