import type { Service } from "../service/service.ts";
import type { Telemetry } from "../service/telemetry.ts";

/** Who sizes a service. */
export interface Rule {
  /** It looks at the service this often. */
  readonly everyMs: number;
  step(service: Service, telemetry: Telemetry): Promise<void> | void;
}
