import { silentLogger, systemClock, systemRng } from "@walras/kit";
import type { State as StateMessage } from "@walras/proto/plugins";

import type { IntentSnapshot } from "../../decide/snapshot.ts";
import { toldNow } from "../../decide/foreign/words.ts";
import { intent, p99, profiles, rps } from "../../decide/testing.ts";
import { PluginManager, type PluginManagerOptions } from "../manager/manager.ts";
import type { PluginObserver, Situation } from "../manager/ports.ts";
import { DoublePlugin, type DoubleOptions } from "./doublePlugin.ts";

export const nobody: PluginObserver = {
  called: () => undefined,
  failed: () => undefined,
  registered: () => undefined,
  refused: () => undefined,
  dropped: () => undefined,
};

export interface PluginRig {
  readonly manager: PluginManager;
  readonly failures: string[];
  readonly refusals: string[];
  double(options: DoubleOptions): Promise<DoublePlugin>;
  /** One that is registered. */
  joined(options: DoubleOptions): Promise<DoublePlugin>;
  close(): Promise<void>;
}

const rigs: PluginRig[] = [];

/** Closes all that a test has made. */
export async function closeRigs(): Promise<void> {
  for (const rig of rigs.splice(0)) await rig.close();
}

/** A manager that listens on a port of its own, and plugins that go with it. */
export async function newRig(given: Partial<PluginManagerOptions> = {}): Promise<PluginRig> {
  const failures: string[] = [];
  const refusals: string[] = [];
  const doubles: DoublePlugin[] = [];
  const manager = new PluginManager({
    address: "127.0.0.1:0",
    security: { insecure: true },
    accepts: () => true,
    clock: systemClock,
    rng: systemRng,
    logger: silentLogger,
    observer: {
      ...nobody,
      failed: (_, __, reason) => failures.push(reason),
      refused: (reason) => refusals.push(reason),
    },
    ...given,
  });
  await manager.start();
  const double = async (options: DoubleOptions): Promise<DoublePlugin> => {
    const one = await DoublePlugin.start(options);
    doubles.push(one);
    return one;
  };
  const rig: PluginRig = {
    manager,
    failures,
    refusals,
    double,
    joined: async (options) => {
      const one = await double(options);
      const { error } = await one.register(manager.port);
      if (error !== "") throw new Error(error);
      return one;
    },
    close: async () => {
      await manager.stop();
      for (const one of doubles) one.stop();
    },
  };
  rigs.push(rig);
  return rig;
}

export function situation(given: Partial<IntentSnapshot> = {}): Situation {
  return { intent: intent(given), profiles };
}

/** A state of the recorded service, as plugins are told of it. */
export function toldOf(now: Situation): ReturnType<typeof toldNow> {
  return toldNow(
    now.intent,
    new Map([
      [p99, 139.25],
      [rps, 24.3],
    ]),
  );
}

/** What a plugin was told, with something changed by it. */
export function changed(state: StateMessage | undefined, change: Partial<StateMessage> = {}): StateMessage {
  if (state === undefined) throw new Error("no state was told");
  return { ...state, ...change };
}

/** The machine's time, but whatever waits for more than a second waits for a fiftieth of it. */
export const hasty: typeof systemClock = {
  ...systemClock,
  after: (delayMs, run) => systemClock.after(delayMs > 1_000 ? delayMs / 50 : delayMs, run),
};
