import { AxeBuilder } from "@axe-core/playwright";
import { describe, expect, it } from "vitest";

import { scarceNode, unknownNode } from "../src/testing/cluster.ts";
import { inBrowser } from "../src/testing/suite.ts";

const places = [
  "#/cpu",
  `#/cpu/nodes/${scarceNode}`,
  `#/cpu/nodes/${unknownNode}`,
  "#/cpu/nodes/gone",
  "#/cpu/pods/shop/cart-0",
  "#/releases",
  "#/slots",
  "#/gpus",
  "#/intents",
];

/** What is opened over a view: keys, and what is to be seen then. */
const overlays: readonly (readonly [keys: readonly string[], selector: string])[] = [
  [["t"], "table"],
  [["?"], "dialog"],
  [[":"], "dialog"],
];

inBrowser("accessibility", (world) => {
  describe.each(["light", "dark"] as const)("in %s", (scheme) => {
    it.each(places)("%s has no violation", async (at) => {
      const { page, complaints } = await world().open({ scheme, at });
      await page.locator("main h1, main .notice.failed").first().waitFor();
      await page.locator(".strip").waitFor();
      await page.locator("main :is(table, canvas, .notice.failed, .facts)").first().waitFor();
      const { violations } = await new AxeBuilder({ page }).analyze();
      expect(
        violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html.slice(0, 160)).join(" | ")}`),
      ).toEqual([]);
      expect(complaints).toEqual([]);
    });

    it.each(overlays)("%j opens what has no violation", async (keys, selector) => {
      const { page } = await world().open({ scheme });
      await page.locator(".strip").waitFor();
      for (const key of keys) await page.keyboard.press(key);
      await page.locator(selector).first().waitFor();
      const { violations } = await new AxeBuilder({ page }).analyze();
      expect(violations.map(({ id, nodes }) => `${id}: ${nodes[0]?.html ?? ""}`)).toEqual([]);
    });
  });

  it("an explanation, a refusal and a stale page have no violation", async () => {
    const { page } = await world().open();
    await page.locator(".strip button.number").first().click();
    await page.locator(".explain p").first().waitFor();
    world().server.given.set("events", { status: 503, body: { error: "gone" } });
    world().server.breakStreams();
    await page.locator(".banner").waitFor();
    const overPage = await new AxeBuilder({ page }).analyze();
    expect(overPage.violations.map(({ id, nodes }) => `${id}: ${nodes[0]?.html ?? ""}`)).toEqual([]);
    world().server.given.set("events", { status: 401, body: { error: "who are you?" } });
    await page.reload();
    await page.locator("#sign-in").waitFor();
    const signIn = await new AxeBuilder({ page }).analyze();
    expect(signIn.violations.map(({ id, nodes }) => `${id}: ${nodes[0]?.html ?? ""}`)).toEqual([]);
  });
});
