// Sends requests at the times of a plan, whatever became of those before, and
// tells how long each took from when it was due. A process of its own, so that it is not what is measured.
// usage: generator.ts PLAN RESULT
import { readFileSync, writeFileSync } from "node:fs";
import { Agent, get } from "node:http";

import type { Arrival } from "./arrivals.ts";

/** What is asked for, and of whom. */
export interface Plan {
  readonly urls: readonly string[];
  readonly arrivals: readonly Arrival[];
  /** Anew: each request may reach another replica. */
  readonly connections: "kept" | "anew";
  /** When to stop waiting for answers after the last was due. */
  readonly drainMs: number;
}

/** How long each took that was due then; who was not answered took as long as was waited. */
export interface Timing {
  readonly target: number;
  readonly atMs: number;
  readonly tookMs: number;
  readonly failed: boolean;
}

const [planFile = "", resultFile = ""] = process.argv.slice(2);
const { urls, arrivals, connections, drainMs } = JSON.parse(readFileSync(planFile, "utf8")) as Plan;
const agents = urls.map(() => new Agent({ keepAlive: connections === "kept", maxSockets: 64 }));
const timings: Timing[] = [];
const startMs = performance.now() + 500;

function answered({ target, atMs }: Arrival, failed: boolean): void {
  timings.push({ target, atMs, tookMs: performance.now() - startMs - atMs, failed });
}

function send(arrival: Arrival, done: () => void): void {
  const end = (failed: boolean): void => {
    answered(arrival, failed);
    done();
  };
  const request = get(`${urls[arrival.target]}/${arrival.costMs}`, { agent: agents[arrival.target] }, (response) => {
    response.resume();
    response.on("end", () => end(response.statusCode !== 200));
  });
  request.on("error", () => end(true));
}

const waiting = new Set<Arrival>(arrivals);
let next = 0;
function tick(): void {
  const nowMs = performance.now() - startMs;
  for (let arrival = arrivals[next]; arrival !== undefined && arrival.atMs <= nowMs; arrival = arrivals[next]) {
    const sent = arrival;
    next += 1;
    send(sent, () => {
      waiting.delete(sent);
      if (waiting.size === 0) finish();
    });
  }
  const upcoming = arrivals[next];
  if (upcoming !== undefined) setTimeout(tick, Math.max(0, upcoming.atMs - nowMs));
  else setTimeout(finish, drainMs);
}

function finish(): void {
  for (const arrival of waiting) answered(arrival, true);
  writeFileSync(resultFile, JSON.stringify(timings));
  process.exit(0);
}

if (arrivals.length === 0) finish();
tick();
