// What CARLA loads and holds, in a process of its own: follows URL's Applications, decides each second, prints its memory.
// usage: carlaProcess.ts URL COUNT
import { silentLogger, systemClock, systemRng } from "@walras/kit";

import { ArgoLink } from "../src/parts/carla/argocd/link.ts";
import { ApplicationWatch } from "../src/parts/carla/argocd/watch.ts";
import { readReleaseConfig } from "../src/parts/carla/config/index.ts";
import { decide } from "../src/parts/carla/decide/decide.ts";
import { observe } from "../src/parts/carla/observe/observe.ts";
import { Waiting } from "../src/parts/carla/observe/waiting.ts";
import { Tracks } from "../src/parts/carla/act/tracks.ts";
import { OpsServer } from "../src/base/ops/http.ts";
import { baseMetrics } from "../src/base/ops/metrics.ts";
import { wireAccess } from "../src/base/access/access.ts";
import { wireCarla } from "../src/parts/carla/wire.ts";

const [url = "", count = "0"] = process.argv.slice(2);
const apps = Array.from(
  { length: Number(count) },
  (_, index) => `  - {name: app-${index}, r_i: ${1 + (index % 30) / 10}}`,
);
const texts: Readonly<Record<string, string>> = {
  "policy.yaml": `argo: {base_url: "${url}"}\nwindows: {allow: [{day: DAILY, start: "00:00", end: "24:00"}]}\n`,
  "apps.yaml": `apps:\n${apps.join("\n")}\n`,
};
const config = readReleaseConfig(
  { policyFile: "policy.yaml", appsFile: "apps.yaml" },
  { readText: (file) => texts[file] ?? "", requireArgo: true, today: "2026-01-01" },
);
// The wiring is not run, there being no API server, but all that it loads counts.
const loaded = [OpsServer, baseMetrics, wireAccess, wireCarla];
const argo = new ArgoLink({
  policy: () => config.policy.argo,
  env: { ARGO_TOKEN: "bench" },
  monotonicMs: () => systemClock.monotonicMs(),
  onUnreadable: (error) => console.error(error),
});
const watch = new ApplicationWatch({
  reader: argo,
  clock: systemClock,
  rng: systemRng,
  logger: silentLogger,
  observer: { restarted: () => undefined },
});
watch.start();
const sources = {
  applications: watch,
  releases: { release: () => undefined },
  tracks: new Tracks(),
  waiting: new Waiting(),
  changes: undefined,
  usage: () => ({ cpu: 0.3, memory: 0.4 }),
  override: () => null,
  unremembered: () => null,
  freezes: () => [],
};
const decideMs: number[] = [];
setInterval(() => {
  if (!watch.isCurrent()) return;
  const startedMs = performance.now();
  decide(config, observe(config, sources, { nowMs: systemClock.wallMs(), lowHeadroomTicks: 0 }));
  decideMs.push(performance.now() - startedMs);
  const rssMiB = process.memoryUsage.rss() / 2 ** 20;
  console.log(JSON.stringify({ applications: watch.size, rssMiB, decideMs: decideMs.at(-1), modules: loaded.length }));
}, 1_000);
