// The service that is measured: a request costs the CPU time that its path says, one after another. MOST_WAITING bounds
// how many wait; who comes then is told to come again. With BURN_CORES it works off what comes in steadily instead, on so
// many THREADS, and what it could not do yet waits.
import { createServer, type ServerResponse } from "node:http";
import { isMainThread, Worker } from "node:worker_threads";

import { Meter } from "./meter.ts";

const port = 8080;

/** Looking at the clock is a call of the kernel; between two looks something is computed. */
const stride = 20_000;
const sliceMs = 5;

function cpuMs(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}

function burn(costMs: number): void {
  const untilMs = cpuMs() + costMs;
  let x = 1;
  while (cpuMs() < untilMs) for (let i = 0; i < stride; i += 1) x = (x * 1103515245 + 12345) % 2147483648;
}

/** All threads work off one backlog, that of their process. */
function workOff(cores: number): void {
  const startMs = performance.now() - cpuMs() / cores;
  const turn = (): void => {
    while (cpuMs() < cores * (performance.now() - startMs)) burn(sliceMs);
    setTimeout(turn, sliceMs);
  };
  turn();
}

interface Request {
  readonly costMs: number;
  readonly cameMs: number;
  readonly response: ServerResponse;
}

/**
 * Before each request it takes in who has come, so that each waits from when it came. A turn of the event loop accepts
 * one connection: turns go on for as long as there is another.
 */
class Queue {
  readonly meter = new Meter();
  readonly #most = Number(process.env["MOST_WAITING"] ?? Infinity);
  readonly #waiting: Request[] = [];
  #isBusy = false;
  #isNew = false;

  /** Somebody has come, or has asked. */
  noticed(): void {
    this.#isNew = true;
  }

  add(request: Request): void {
    this.meter.came();
    if (this.#waiting.length >= this.#most) {
      request.response.writeHead(503).end();
      return;
    }
    this.#waiting.push(request);
    if (!this.#isBusy) setImmediate(this.#next);
    this.#isBusy = true;
  }

  readonly #next = (): void => {
    if (this.#isNew) {
      this.#isNew = false;
      setImmediate(this.#next);
      return;
    }
    const request = this.#waiting.shift();
    this.#isBusy = request !== undefined;
    if (request === undefined) return;
    burn(request.costMs);
    request.response.end();
    this.meter.took((performance.now() - request.cameMs) / 1000);
    setImmediate(this.#next);
  };
}

function serve(): void {
  burn(Number(process.env["START_CPU_MS"] ?? 0));
  const queue = new Queue();
  let startedMs = 0;
  const server = createServer(({ url = "/" }, response) => {
    queue.noticed();
    const costMs = Number(url.slice(1));
    if (url === "/metrics") response.end(queue.meter.text());
    else if (costMs > 0) queue.add({ costMs, cameMs: performance.now(), response });
    else response.end(String(startedMs));
  });
  server.on("connection", () => queue.noticed());
  server.listen(port, () => {
    startedMs = performance.now();
  });
}

const cores = Number(process.env["BURN_CORES"] ?? 0);
const threads = Number(process.env["THREADS"] ?? 1);
if (cores > 0) {
  const others = isMainThread ? threads - 1 : 0;
  Array.from({ length: others }, () => new Worker(new URL(import.meta.url)));
  workOff(cores);
} else {
  serve();
}
