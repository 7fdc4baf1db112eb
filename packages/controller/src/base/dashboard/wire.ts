import type { Clock, Logger } from "@walras/kit";

import type { Base } from "../base.ts";
import type { BaseConfig } from "../config/flags.ts";
import type { TlsFiles } from "../config/tlsFiles.ts";
import type { ReviewedViewAccess } from "../ops/viewAccess.ts";
import { type DashboardAccess, KubernetesAccess, TokenFileAccess } from "./access.ts";
import type { PartDashboard } from "./ports.ts";
import { DashboardServer } from "./server.ts";

interface DashboardNeeds {
  readonly base: Pick<Base, "leadership" | "history">;
  /** Names of the parts that run. */
  readonly names: readonly string[];
  readonly parts: readonly PartDashboard[];
  readonly reviews: ReviewedViewAccess;
  readonly around: { readonly clock: Clock; readonly logger: Logger };
}

/** @returns undefined where the flags want none */
export function wireDashboard(
  config: BaseConfig,
  { base: { leadership, history }, names, parts, reviews, around }: DashboardNeeds,
): DashboardServer | undefined {
  if (config.dashboard === "off") return undefined;
  return new DashboardServer({
    ...around,
    host: config.dashboardHost,
    port: config.dashboardPort,
    tls: tlsOf(config),
    folder: config.dashboardFolder,
    access: accessOf(config, reviews),
    parts,
    standing: {
      replica: config.identity,
      leads: () => leadership.leads(),
      leader: () => leadership.holder,
      parts: names,
    },
    history,
    coreHourPrice: config.coreHourPrice,
  });
}

function accessOf({ dashboard, dashboardTokenFile }: BaseConfig, reviews: ReviewedViewAccess): DashboardAccess {
  if (dashboard === "token" && dashboardTokenFile !== undefined) return new TokenFileAccess(dashboardTokenFile);
  return new KubernetesAccess(reviews);
}

function tlsOf({ dashboardTlsCert: certFile, dashboardTlsKey: keyFile }: BaseConfig): TlsFiles | null {
  return certFile === undefined || keyFile === undefined ? null : { certFile, keyFile };
}
