// Looks at the dashboard's views in a real browser and writes what is seen to docs/dashboard/*.png.
// usage: screens.ts [FOLDER]
import { mkdir } from "node:fs/promises";
import { join } from "node:path";

import { nowMs, scarceNode } from "../packages/dashboard/src/testing/cluster.ts";
import { World } from "../packages/dashboard/src/testing/world.ts";

const folder = process.argv[2] ?? join(import.meta.dirname, "..", "docs", "dashboard");

/** By file: the place, and keys that are pressed there. */
const screens: Readonly<Record<string, readonly [at: string, ...keys: string[]]>> = {
  nodes: ["#/cpu", "l", "j"],
  node: [`#/cpu/nodes/${scarceNode}`],
  pod: ["#/cpu/pods/shop/cart-0"],
  releases: ["#/releases"],
  slots: ["#/slots"],
  gpus: ["#/gpus"],
  intents: ["#/intents"],
};

const decision = {
  id: 139,
  atMs: nowMs - 4_000,
  part: "market",
  kind: "Pod",
  namespace: "shop",
  name: "cart-0",
  verdict: "MarketRations",
  reason: "the node's CPU is used up: it may use 1790m of the 2650m that it wants",
  leftOut: 0,
};

const world = await World.start();
try {
  await mkdir(folder, { recursive: true });
  for (const [name, [at, ...keys]] of Object.entries(screens)) {
    const { page } = await world.open({ at });
    await page.locator("main :is(table, canvas)").first().waitFor();
    for (const key of keys) await page.keyboard.press(key);
    if (name === "nodes") world.server.tell("decision", decision);
    await page.locator('.state[data-state="live"]').waitFor();
    await page.evaluate("new Promise((shown) => requestAnimationFrame(() => requestAnimationFrame(shown)))");
    await page.screenshot({ path: join(folder, `${name}.png`), animations: "disabled" });
    await world.clear();
  }
} finally {
  await world.stop();
}
