import { silentLogger, VirtualClock } from "@walras/kit";
import { KubeError, type KubeTransport } from "@walras/kube";
import { ApiServer, inProcessTransport } from "@walras/sim/apiserver";
import { describe, expect, it, onTestFinished } from "vitest";

import type { Freeze } from "../config/policy.ts";
import { freezeNote, freezeText } from "./freezeNote.ts";
import { FreezeWatch } from "./freezeWatch.ts";

const made: Freeze = { fromMs: 1_000, untilMs: null, except: new Set(["b"]), inFlight: "end", by: "dana" };

interface World {
  readonly clock: VirtualClock;
  readonly watch: FreezeWatch;
  readonly write: (text: string | null) => Promise<void>;
  readonly changes: () => number;
  trouble: KubeError | null;
}

async function world(trouble: KubeError | null = null): Promise<World> {
  const clock = new VirtualClock(10_000);
  const server = inProcessTransport(new ApiServer({ clock }));
  await server.send({ method: "POST", path: "/api/v1/namespaces", body: { metadata: { name: "carla" } } });
  let changes = 0;
  const transport: KubeTransport = {
    send: (request) => (here.trouble ? Promise.reject(here.trouble) : server.send(request)),
    stream: (request) => server.stream(request),
  };
  const onChanged = (): void => void (changes += 1);
  const watch = new FreezeWatch({ transport, namespace: "carla", onChanged, clock, logger: silentLogger });
  const write = (text: string | null): Promise<void> => freezeNote(server, "carla").write(text);
  const here: World = { clock, watch, write, changes: () => changes, trouble };
  onTestFinished(() => watch.stop());
  return here;
}

describe("freeze: what has been written", () => {
  it("is known within two seconds, and so is that it has been lifted", async () => {
    const here = await world();
    await here.watch.start();
    expect(here.watch.current()).toEqual([]);
    await here.write(freezeText(made));
    await here.clock.advance(2_000);
    expect([here.watch.current(), here.changes()]).toEqual([[made], 1]);
    await here.write(null);
    await here.clock.advance(2_000);
    expect([here.watch.current(), here.changes(), here.watch.trouble]).toEqual([[], 2, null]);
  });

  it("is in force from the start of a new process", async () => {
    const here = await world();
    await here.write(freezeText(made));
    await here.watch.start();
    expect(here.watch.current()).toEqual([made]);
  });

  it("stays in force over a moment without answers, and is unknown after that", async () => {
    const here = await world();
    await here.write(freezeText(made));
    await here.watch.start();
    here.trouble = new KubeError("down", { status: 0, reason: "" });
    await here.clock.advance(10_000);
    expect(here.watch.current()).toEqual([made]);
    await here.clock.advance(10_000);
    expect(here.watch.current()).toBeNull();
    expect(here.watch.trouble).toContain("down");
    here.trouble = null;
    await here.clock.advance(2_000);
    expect(here.watch.current()).toEqual([made]);
  });

  it("is unknown where it has never been answered, and where it cannot be read", async () => {
    const silent = await world(new KubeError("down", { status: 500, reason: "" }));
    await silent.watch.start();
    expect(silent.watch.current()).toBeNull();
    const here = await world();
    await here.write("until Friday");
    await here.watch.start();
    expect(here.watch.current()).toBeNull();
    expect(here.watch.trouble).toContain(
      'Lease carla/carla-freeze.metadata.annotations.carla.ops/freeze: "until Friday"',
    );
  });

  it("is told to be out of reach, and holds nobody, where the role is one without the right to look", async () => {
    const here = await world(new KubeError("leases is forbidden", { status: 403, reason: "Forbidden" }));
    await here.watch.start();
    expect(here.watch.current()).toEqual([]);
    expect(here.watch.trouble).toContain("forbidden");
  });
});
