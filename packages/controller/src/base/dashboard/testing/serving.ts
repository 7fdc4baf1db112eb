import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { dashboardError } from "@walras/api";
import { silentLogger, systemClock } from "@walras/kit";

import { MemoryHistory } from "../../history/memory.ts";
import type { Standing } from "../ports.ts";
import { type DashboardOptions, DashboardServer } from "../server.ts";
import { FakeDashboardAccess, FakeMarket } from "./fakes.ts";

const stops: (() => unknown)[] = [];

/** Ends what a test has begun, the last first. */
export async function stopAll(): Promise<void> {
  for (const stop of stops.splice(0).toReversed()) await stop();
}

export function whenOver(stop: () => unknown): void {
  stops.push(stop);
}

/** Who answers. */
export const standing: Standing = {
  replica: "a-0",
  leads: () => true,
  leader: () => "a-0",
  parts: ["market", "batch"],
};

/** A dashboard that is served for a test. */
export interface Served {
  readonly server: DashboardServer;
  readonly url: string;
  readonly access: FakeDashboardAccess;
  readonly history: MemoryHistory;
}

/** One of which dana may read, and eve may not. */
export async function served(given: Partial<DashboardOptions> = {}): Promise<Served> {
  const access = new FakeDashboardAccess(["dana", "eve"], ["dana"]);
  const history = new MemoryHistory(1024 * 1024, systemClock);
  const server = new DashboardServer({
    host: "127.0.0.1",
    port: 0,
    tls: null,
    folder: pageFolder(),
    access,
    parts: [{ market: new FakeMarket() }],
    standing,
    history,
    coreHourPrice: 0.04,
    clock: systemClock,
    logger: silentLogger,
    ...given,
  });
  await server.start();
  stops.push(() => server.stop());
  return { server, access, history, url: `http://127.0.0.1:${server.port}` };
}

function pageFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), "walras-page-"));
  stops.push(() => rmSync(folder, { recursive: true }));
  mkdirSync(join(folder, "assets"));
  writeFileSync(join(folder, "index.html"), "<!doctype html><title>Walras</title>");
  writeFileSync(join(folder, "assets", "main-abc.js"), "document.title += '!';".repeat(50));
  writeFileSync(join(folder, "secret.key"), "no part of a page");
  return folder;
}

/** With the token of that user. */
export const as = (user: string): RequestInit => ({ headers: { authorization: `Bearer ${user}-token` } });

export async function refusal(answer: Response): Promise<[number, string]> {
  return [answer.status, dashboardError.parse(await answer.json()).error];
}
