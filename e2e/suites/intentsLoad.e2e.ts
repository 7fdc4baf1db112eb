import { seededRng } from "@walras/kit";
import { Prometheus } from "@walras/kit/testing";
import { afterAll, beforeAll, describe, expect, inject, it } from "vitest";

import { serviceImage } from "../bench/kernel/serviceImage.ts";
import { LoadTrial } from "../harness/loadTrial.ts";
import type { OpenLoad } from "../harness/openLoad.ts";
import { removePlannerAccount } from "../harness/plannerAccount.ts";
import { openStage, type Stage } from "../harness/stage.ts";
import { pause } from "../harness/wait.ts";

/** Requests a second for one pod, and for five. */
const [few, many] = [2, 25] as const;
/** Less is taken only when it was enough for so long. */
const windowSeconds = 15;
const stability = { stabilisation: windowSeconds, shrink_cool_down: 10, stale_after: 20 };

describe.runIf(Prometheus.installed && inject("local"))(
  "a service whose requests cost CPU, measured by Prometheus",
  () => {
    let stage: Stage;
    let prometheus: Prometheus;
    let trial: LoadTrial;
    let load: OpenLoad;

    beforeAll(async () => {
      stage = await openStage("intents-load");
      const { cluster } = stage;
      const [node = ""] = cluster.target.localNodes;
      await cluster.target.controlPlane?.loadImage(node, await serviceImage.pack());
      prometheus = await Prometheus.start();
      trial = await LoadTrial.open({ ...stage, node, prometheus, stability });
      load = await trial.load(seededRng(11));
      await load.is(few);
      await trial.is("Fulfilled");
    });

    afterAll(async () => {
      await load?.stop();
      await trial?.shop.close();
      await prometheus?.remove();
      await removePlannerAccount(stage.cluster);
      await stage.close();
    });

    it("is given the replicas for a step of load within a minute, and no pod is restarted", async () => {
      const [first] = await trial.shop.pods();
      const untilMs = performance.now() + 60_000;
      await load.is(many);
      await trial.shop.has((replicas) => replicas >= 5, untilMs - performance.now());
      await trial.is("Fulfilled", untilMs - performance.now());
      const pods = await trial.shop.pods();
      expect(pods.map(({ name }) => name)).toContain(first?.name);
      expect(pods.every(({ restarts }) => restarts === 0)).toBe(true);
    });

    it("gives them back within a minute of the end of the window once the load is gone, and takes none again", async () => {
      const { shop } = trial;
      const before = shop.replicas.length - 1;
      await load.is(few);
      await shop.has((replicas) => replicas === 1, (windowSeconds + 60) * 1_000);
      await pause(windowSeconds * 1_000);
      const since = shop.replicas.slice(before);
      expect(since).toEqual(since.toSorted((one, other) => other - one));
      expect(since.at(-1)).toBe(1);
    });

    it("is left as it is while Prometheus is away, though load comes, and is served when it is back", async () => {
      const { shop } = trial;
      await prometheus.end();
      await trial.is("Unknown");
      const [replicas, done] = [shop.replicas.length, await trial.executions()];
      await load.is(many);
      await pause(15_000);
      expect(await trial.verdict()).toBe("Unknown");
      expect([shop.replicas.length, await trial.executions()]).toEqual([replicas, done]);
      await prometheus.begin();
      await shop.has((count) => count >= 5, 60_000);
      await trial.is("Fulfilled");
    });
  },
);
