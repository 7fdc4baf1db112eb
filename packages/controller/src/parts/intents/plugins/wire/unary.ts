import type { ClientUnaryCall, ServiceError } from "@grpc/grpc-js";
import type { Clock } from "@walras/kit";

export interface Within {
  readonly ms: number;
  readonly clock: Clock;
  readonly signal: AbortSignal;
}

/**
 * A call with one answer, in time.
 *
 * @throws Error where it fails, takes longer, or is given up
 */
export function answerOf<Response>(
  { ms, clock, signal }: Within,
  send: (reply: (error: ServiceError | null, response: Response) => void) => ClientUnaryCall,
): Promise<Response> {
  return new Promise((resolve, reject) => {
    signal.throwIfAborted();
    const call = send((error, response) => {
      late.cancel();
      signal.removeEventListener("abort", abort);
      if (error) reject(error);
      else resolve(response);
    });
    const abort = (): void => call.cancel();
    signal.addEventListener("abort", abort, { once: true });
    const late = clock.after(ms, () => {
      reject(new Error(`no answer in ${ms} ms`));
      call.cancel();
    });
  });
}
