import { seededRng } from "@walras/kit";
import { expect, it } from "vitest";

import { Bed } from "./bed.ts";

it("places 320 pods on 40 nodes of eight GPUs while leaders are killed, calls fail and pods go, and never books a GPU twice", async () => {
  const bed = new Bed();
  const rng = seededRng(11);
  await bed.begin(Object.fromEntries(Array.from({ length: 40 }, (_, index) => [`n${index}`, { gpus: 8, cpu: "64" }])));
  const alive = new Set<string>();
  let made = 0;
  const create = async (): Promise<void> => {
    const name = `p-${made}`;
    made += 1;
    const milli = [300, 500, 1000, 2000][Math.floor(rng() * 4)] ?? 0;
    await bed.pod(name, { annotations: { "gpu.walras.io/milli": String(milli) }, requests: { cpu: "1" } });
    alive.add(name);
  };
  let leader = await bed.controller();
  for (let round = 0; round < 4; round += 1) {
    for (let count = 0; count < 80; count += 1) await create();
    const isBinding = ({ path }: { readonly path: string }): boolean => path.endsWith("/binding");
    bed.api.faults.rejectNext(20, { status: rng() < 0.5 ? 503 : 409, filter: isBinding });
    await bed.clock.advance(300 + rng() * 700);
    leader.kill();
    leader = await bed.controller(20);
    for (const name of alive) {
      if (rng() > 0.2) continue;
      await bed.remove(name);
      alive.delete(name);
    }
    expect(bed.doubleBooked()).toEqual([]);
  }
  await bed.pass(60);
  expect(bed.doubleBooked()).toEqual([]);
  expect([...alive].filter((name) => bed.placeOf(name) === "-")).toEqual([]);
});
