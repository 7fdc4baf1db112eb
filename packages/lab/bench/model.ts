import { systemClock } from "@walras/kit";

import { Machine } from "@walras/sim/node";
import { curveOf } from "@walras/sim/workload";

/** How much of a core the CPU model of a large cluster takes, twins included: 500 nodes, 15,000 pods, each 100 ms. */
const layout = { version: "v2", driver: "systemd", runtime: "containerd" } as const;
const [nodes, podsPerNode, simulatedSeconds] = [500, 30, 10];

const machines = Array.from({ length: nodes }, (_, node) => {
  const machine = new Machine({ cores: 32, allocatableMilli: 31_900, layout });
  for (let pod = 0; pod < podsPerNode; pod += 1) {
    const uid = `${node}-${pod}`;
    const wave = { kind: "wave", low: 0.1, high: 2, periodSeconds: 60, phase: pod / podsPerNode } as const;
    const demand = curveOf({ kind: "noisy", amplitude: 0.3, windowSeconds: 0.5, of: wave }, pod);
    machine.run({
      uid,
      cgroupName: uid,
      qos: "Burstable",
      namespace: "bench",
      name: uid,
      containers: [
        {
          name: "app",
          id: uid,
          settings: { requestMilli: 500, limitMilli: 1000 },
          tasks: { parallelism: 4, backlogLimitCoreMs: 500 },
        },
      ],
      demand: new Map([["app", demand]]),
    });
  }
  return machine;
});

const startedMs = systemClock.monotonicMs();
for (let atMs = 0; atMs < simulatedSeconds * 1000; atMs += 100) {
  for (const machine of machines) machine.advance(atMs, 100);
}
const tookMs = systemClock.monotonicMs() - startedMs;
process.stdout.write(
  `${nodes} nodes x ${podsPerNode} pods, 10 Hz: ${(tookMs / simulatedSeconds / 10).toFixed(1)} % of a core\n`,
);
