import { Lifecycle, silentLogger, systemClock, systemRng } from "@walras/kit";
import { ApiServer, inProcessTransport } from "@walras/sim/apiserver";
import { expect, it } from "vitest";
import { z } from "zod";

import { nodeProjection } from "../src/base/cluster/projections.ts";
import { commonDefaults } from "../src/base/config/flags.ts";
import { readConfig } from "../src/config.ts";
import { definePart, type Part } from "../src/parts/part.ts";
import { parts, wire } from "../src/wire.ts";

/** A whole part: a flag, a metric, a view, and what keeps it from being ready. */
const tally = definePart<{ tallyFrom: number }>({
  name: "tally",
  addFlags: (program) => program.option("--tally-from <n>", "where counting begins", "0"),
  schema: z.object({ tallyFrom: z.coerce.number().int() }),
  alone: commonDefaults,
  needsAgents: false,
  load: () =>
    Promise.resolve(({ tallyFrom }, { base }): Part => {
      const scope = base.cluster.scope();
      const nodes = scope.follow(nodeProjection);
      const counted = base.make.gauge("tally_nodes", "Nodes counted");
      nodes.onChange(() => counted.set(tallyFrom + nodes.size));
      return { runnables: [], views: { "/tally": () => ({ nodes: nodes.size }) }, notReady: () => scope.troubles() };
    }),
});

it("a part is added by its definition alone: it has its flags, metrics, views and readiness", async () => {
  const api = new ApiServer({ clock: systemClock });
  const flags = ["--parts=tally", "--tally-from=3", "--ops-host=127.0.0.1", "--ops-port=0"];
  const around = { clock: systemClock, rng: systemRng, logger: silentLogger, onLost: () => undefined };
  const controller = await wire(readConfig(flags, {}, [...parts, tally]), {
    ...around,
    transport: inProcessTransport(api),
  });
  const lifecycle = new Lifecycle(controller.runnables, silentLogger);
  await lifecycle.start();
  try {
    const ask = (path: string): Promise<Response> => fetch(`http://127.0.0.1:${controller.opsPort()}${path}`);
    await expect.poll(async () => (await ask("/readyz")).status).toBe(200);
    const node = { apiVersion: "v1", kind: "Node", metadata: { name: "n1" } };
    await inProcessTransport(api).send({ method: "POST", path: "/api/v1/nodes", body: node });
    await expect.poll(async () => (await ask("/tally")).json()).toEqual({ nodes: 1 });
    expect(await (await ask("/metrics")).text()).toMatch(/^tally_nodes 4$/m);
    expect((await ask("/market")).status).toBe(404);
  } finally {
    await lifecycle.stop();
  }
});
