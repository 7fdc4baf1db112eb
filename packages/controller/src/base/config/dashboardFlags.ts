import { errorAt } from "@walras/kit";
import { type Command, Option } from "commander";
import { z } from "zod";

import { isLoopback } from "../bounds/loopback.ts";

/** Flags of the dashboard, as a part of the base's. */
export const dashboardFlags = {
  dashboard: z.enum(["off", "token", "kubernetes"]),
  dashboardHost: z.string().min(1),
  dashboardPort: z.coerce.number().int().min(0).max(65_535),
  dashboardTokenFile: z.string().min(1).optional(),
  dashboardTlsCert: z.string().min(1).optional(),
  dashboardTlsKey: z.string().min(1).optional(),
  dashboardFolder: z.string().min(1).optional(),
  coreHourPrice: z.coerce.number().min(0).max(1_000),
};

export type DashboardFlags = z.infer<z.ZodObject<typeof dashboardFlags>>;

export function addDashboardFlags(program: Command): Command {
  return program
    .addOption(
      new Option(
        "--dashboard <who>",
        "whether the page is served, and to whom: who knows the token, or may get the path",
      )
        .choices(["off", "token", "kubernetes"])
        .default("off"),
    )
    .option("--dashboard-host <host>", "where the page listens; beyond loopback it wants TLS", "127.0.0.1")
    .option("--dashboard-port <port>", "0: any", "8090")
    .option("--dashboard-token-file <file>", "the token of --dashboard=token, read again when it changes")
    .option("--dashboard-tls-cert <file>", "certificate of that port (PEM), read again when it changes")
    .option("--dashboard-tls-key <file>", "its private key (PEM)")
    .option("--dashboard-folder <folder>", "the page as it was built; beside the program where not given")
    .option("--core-hour-price <money>", "what a core costs an hour, for sums of money", "0.04");
}

/**
 * A reader's token can be good for the whole cluster: it crosses no network in plain text.
 *
 * @throws FieldError naming the flag and its value
 */
export function checkDashboard(flags: DashboardFlags): void {
  const { dashboard, dashboardHost, dashboardTokenFile, dashboardTlsCert, dashboardTlsKey } = flags;
  if (dashboard === "off") return;
  if (dashboard === "token" && dashboardTokenFile === undefined)
    throw errorAt("flags.dashboardTokenFile", dashboardTokenFile, "is needed for --dashboard=token");
  if ((dashboardTlsCert === undefined) !== (dashboardTlsKey === undefined))
    throw errorAt("flags.dashboardTlsKey", dashboardTlsKey, "goes with --dashboard-tls-cert");
  if (dashboardTlsCert === undefined && dashboardHost !== "localhost" && !isLoopback(dashboardHost))
    throw errorAt("flags.dashboardTlsCert", dashboardTlsCert, `is needed to listen on ${dashboardHost}`);
}
