// The external scaler with a thousand triggers, and the market's work for 200 nodes each second beside it. Prints its port.
import { seededRng, silentLogger, systemClock } from "@walras/kit";

import { ExternalScalerServer } from "../src/parts/batch/scaler/server.ts";
import { SlotAllocator } from "../src/parts/batch/slots/allocator.ts";
import { defaultSlotPolicy } from "../src/parts/batch/decide/policy.ts";
import { defaultScaling } from "../src/parts/batch/decide/scaling.ts";
import { Market } from "../src/parts/market/decide/clear.ts";

const nodeCount = 200;
const jobCount = 100;
const containers = 30;

const rng = seededRng(1);
const nodes = Array.from({ length: nodeCount }, (_, index) => ({
  name: `node-${index}`,
  labels: { "posture/eligible": "true" },
  ready: true,
  unschedulable: false,
  taints: [],
  allocatable: "",
}));
const jobs = Array.from({ length: jobCount }, (_, index) => ({
  uid: `job-${index}`,
  namespace: "posture",
  name: `job-${index}`,
  owner: `posture/job-${index}`,
  suspended: false,
  finished: false,
  ending: false,
  deadlineMs: null,
  createdAtMs: 0,
}));
const pods = jobs.map((job, index) => ({
  ...job,
  jobUid: job.uid,
  node: `node-${index}`,
  ended: false,
  started: true,
  conditions: [],
  waitsFor: "",
}));
const cpu = new Map(nodes.map(({ name }) => [name, { busyFraction: rng(), ageMs: 500 }]));
const ledger = new SlotAllocator({
  view: { stale: () => [], nodes: () => nodes, jobs: () => jobs, pods: () => pods, madeOf: () => undefined },
  telemetry: { cpu: (node) => cpu.get(node) ?? null, trouble: () => null },
  demand: { wanted: () => Infinity, scaling: () => ({ ...defaultScaling, maxReplicas: 1 }) },
  policy: defaultSlotPolicy,
  clock: systemClock,
});
const server = new ExternalScalerServer({
  address: "127.0.0.1:0",
  answers: ledger,
  serving: () => true,
  clock: systemClock,
  logger: silentLogger,
  observer: { answered: () => undefined },
});
await server.start();

const market = new Market(containers);
let next = 0;
setInterval(() => {
  next = (next + 1) % nodeCount;
  for (let round = 0; round < 2; round += 1) {
    market.reset();
    for (let container = 0; container < containers; container += 1)
      market.add(1 + rng() * 8, 10 + rng() * 100, 200 + rng() * 1000);
    market.clear(8_000);
  }
}, 1000 / nodeCount);

console.log(JSON.stringify({ port: server.port }));
