import { status } from "@grpc/grpc-js";
import { type Logger, Once } from "@walras/kit";

import type { Failure } from "./failure.ts";
import type { ScaledRef } from "../decide/asker.ts";

/** More objects than a cluster has that are wrong at once; beyond it some are told twice. */
const mostRemembered = 5000;

/** Logs what is wrong with an object's trigger when it begins and when it ends, not at each poll. */
export class Complaints {
  readonly #logger: Logger;
  readonly #told = new Once(mostRemembered);

  constructor(logger: Logger) {
    this.#logger = logger;
  }

  /** @param failure null: the call succeeded */
  hear(method: string, { namespace, name }: Pick<ScaledRef, "namespace" | "name">, failure: Failure | null): void {
    const key = `${method} ${namespace}/${name}`;
    const text = failure ? `${status[failure.code]}: ${failure.details}` : undefined;
    const wasWrong = this.#told.holds(key);
    if (this.#told.isNews(key, text))
      this.#logger.warn({ method, namespace, name, error: text }, "trigger is not answered");
    if (text === undefined && wasWrong) this.#logger.info({ method, namespace, name }, "trigger is answered again");
  }
}
