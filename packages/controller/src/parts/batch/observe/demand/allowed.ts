import { errorAt } from "@walras/kit";

/** Where triggers may lead the controller, as HOST or HOST:PORT. */
export interface AllowedTargets {
  /** Hosts of Prometheus; the port is part of it unless it is the scheme's own. */
  readonly hosts: readonly string[];
  /** MQTT brokers; undefined: any. */
  readonly brokers: readonly string[] | undefined;
}

/**
 * The host of the one Prometheus that is configured, which triggers may ask as well.
 *
 * @param more from the flag
 */
export function allowedHosts(configuredUrl: string | undefined, more: readonly string[] = []): readonly string[] {
  const host = configuredUrl === undefined ? undefined : URL.parse(configuredUrl)?.host;
  return [...(host ? [host] : []), ...more];
}

/** @throws FieldError naming the key and the flag */
export function mustBeAllowed(key: "promUrl" | "mqttBroker", url: string, targets: AllowedTargets): void {
  const host = URL.parse(url)?.host ?? "";
  const [allowed, flag] =
    key === "promUrl" ? [targets.hosts, "--batch-demand-hosts"] : [targets.brokers, "--batch-demand-brokers"];
  if (allowed === undefined || allowed.includes(host)) return;
  throw errorAt(`metadata.${key}`, url, `is at none of the hosts that ${flag} allows`);
}
