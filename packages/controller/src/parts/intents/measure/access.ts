import { PrometheusClient } from "../../../base/telemetry/prometheus.ts";
import type { QueriesConfig } from "../config/queries.ts";

export interface AccessOptions {
  /** Whole URL of the query API. */
  readonly telemetryEndpoint: string;
  readonly queries: QueriesConfig;
  /** Hosts, with their port unless it is the scheme's own, that profiles may name beside those of the configuration. */
  readonly allowedHosts: readonly string[];
  /** Bearer token for the telemetry endpoint's host alone. */
  readonly tokenFile: string | undefined;
  /** Authorities of its certificate, PEM. */
  readonly caFile: string | undefined;
  readonly staleAfterSeconds: number;
}

/** More endpoints than a configuration names: beyond it connections are begun anew. */
const mostClients = 64;

/** Which endpoints are asked, and with what. */
export class EndpointAccess {
  readonly #options: AccessOptions;
  readonly #hosts: ReadonlySet<string>;
  readonly #clients = new Map<string, PrometheusClient>();

  constructor(options: AccessOptions) {
    this.#options = options;
    const { telemetryEndpoint, queries, allowedHosts } = options;
    const configured = [telemetryEndpoint, ...Object.values(queries).map(({ endpoint }) => endpoint)];
    this.#hosts = new Set([...configured.flatMap((endpoint) => URL.parse(endpoint)?.host ?? []), ...allowedHosts]);
  }

  /** Whether a profile may name this endpoint. */
  isAllowed(endpoint: string): boolean {
    const url = URL.parse(endpoint);
    if (url === null || !["http:", "https:"].includes(url.protocol)) return false;
    return url.username === "" && url.password === "" && this.#hosts.has(url.host);
  }

  clientFor(endpoint: string): PrometheusClient {
    const known = this.#clients.get(endpoint);
    if (known !== undefined) return known;
    if (this.#clients.size >= mostClients) this.#clients.clear();
    const { telemetryEndpoint, tokenFile, caFile, staleAfterSeconds } = this.#options;
    // A token is for whoever gave it: no other host is shown it.
    const isOurs = URL.parse(endpoint)?.origin === URL.parse(telemetryEndpoint)?.origin;
    const client = new PrometheusClient({
      url: endpoint,
      path: "",
      lookBackSeconds: staleAfterSeconds,
      caFile,
      ...(isOurs && { tokenFile }),
    });
    this.#clients.set(endpoint, client);
    return client;
  }
}
