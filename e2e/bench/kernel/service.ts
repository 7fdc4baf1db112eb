// The service that is measured: a request costs the CPU time that its path says, one after another. With BURN_CORES it
// works off what comes in steadily instead, on so many THREADS, and what it could not do yet waits.
import { createServer } from "node:http";
import { isMainThread, Worker } from "node:worker_threads";

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

function serve(): void {
  burn(Number(process.env["START_CPU_MS"] ?? 0));
  let startedMs = 0;
  createServer(({ url = "/" }, response) => {
    const costMs = Number(url.slice(1));
    if (costMs > 0) burn(costMs);
    response.end(String(startedMs));
  }).listen(port, () => {
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
