import { afterAll, afterEach, beforeAll, describe } from "vitest";

import { chromiumPath, slowMs, whyNoBrowser } from "./browser.ts";
import { World } from "./world.ts";

/** A suite in a real browser, which is passed over where there is none. @param suite of tests that find their world when they run */
export function inBrowser(name: string, suite: (world: () => World) => void): void {
  const title = `${name} in a browser (${chromiumPath ?? whyNoBrowser})`;
  describe.skipIf(chromiumPath === undefined)(title, { timeout: slowMs }, () => {
    let world: World;

    beforeAll(async () => {
      world = await World.start();
    }, slowMs);
    afterEach(() => world.clear());
    afterAll(() => world.stop());

    suite(() => world);
  });
}
