import { status } from "@grpc/grpc-js";
import {
  type HealthCheckResponse,
  HealthCheckResponse_ServingStatus as Serving,
  type HealthServer,
} from "@walras/proto/health";

import { clip } from "../../../base/bounds/clip.ts";
import type { OpenStreams } from "./streams.ts";

/** How soon a watcher learns of a change. */
const lookMs = 1000;

/** gRPC's health protocol for `services`; "" is the server as a whole. */
export function healthService(services: readonly string[], serving: () => boolean, streams: OpenStreams): HealthServer {
  const known = new Set(["", ...services]);
  const now = (): HealthCheckResponse => ({ status: serving() ? Serving.SERVING : Serving.NOT_SERVING });
  return {
    check: ({ request: { service } }, reply) => {
      if (known.has(service)) reply(null, now());
      else reply({ code: status.NOT_FOUND, details: clip(`there is no service ${service}`) });
    },
    // The protocol has a watcher of an unknown service wait for it.
    watch: (call) => {
      const read = known.has(call.request.service) ? now : () => ({ status: Serving.SERVICE_UNKNOWN });
      streams.follow(call, read, lookMs);
    },
  };
}
