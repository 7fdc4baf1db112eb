import type { Clock } from "@walras/kit";

import type { KubeRequest, KubeTransport } from "./port.ts";

/** How long who asks will wait. */
export interface Patience {
  /** For one call, in milliseconds. */
  readonly callMs: number;
  /** Ends all calls. */
  readonly signal: AbortSignal;
}

/** Calls that are aborted when patience ends; watches end with the signal alone. */
export function impatient(transport: KubeTransport, clock: Clock, { callMs, signal }: Patience): KubeTransport {
  const send = async (request: KubeRequest): Promise<unknown> => {
    const tooLong = new AbortController();
    const timer = clock.after(callMs, () => tooLong.abort());
    try {
      return await transport.send({ ...request, signal: AbortSignal.any([signal, tooLong.signal]) });
    } finally {
      timer.cancel();
    }
  };
  return { send, stream: (request) => transport.stream({ ...request, signal }) };
}
