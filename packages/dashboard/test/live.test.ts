import type { Page } from "playwright-core";
import { expect, it, vi } from "vitest";

import { stripFixture } from "../src/testing/cluster.ts";
import { inBrowser } from "../src/testing/suite.ts";

const seen = (page: Page, text: string | RegExp): Promise<void> => page.getByText(text).first().waitFor();

inBrowser("live", (world) => {
  it("what changes is seen at once: strip, nodes, decisions", async () => {
    const { page, complaints } = await world().open();
    await seen(page, "live");
    world().server.tellDelta({
      strip: { ...stripFixture(), rationedPods: 77 },
      cells: { row: [0], price: [123], used: [99], state: [2], pods: [20], rationed: [16] },
    });
    await seen(page, "77");
    expect(await page.getByRole("option").innerText()).toContain("price 123, 99 % of its CPU used");
    world().server.tell("decision", {
      id: 1,
      atMs: world().server.summary.atMs,
      part: "market",
      kind: "Pod",
      namespace: "shop",
      name: "cart-0",
      verdict: "MarketRations",
      reason: "the node's CPU is used up",
      leftOut: 0,
    });
    await seen(page, "MarketRations");
    expect(await page.getByRole("link", { name: "Pod shop/cart-0" }).getAttribute("href")).toBe(
      "#/cpu/pods/shop/cart-0",
    );
    expect(complaints).toEqual([]);
  });

  it("a break is told, and it comes back by itself", async () => {
    const { page } = await world().open();
    await seen(page, "live");
    world().server.breakStreams();
    await seen(page, /What you see is .* old: the stream broke off/);
    await page.locator('.state[data-state="live"]').waitFor();
    expect(await page.locator(".banner").count()).toBe(0);
    expect(world().server.opened).toBe(2);
  });

  it("a delta that does not follow has the whole asked for anew", async () => {
    const { page } = await world().open();
    await seen(page, "live");
    world().server.summary = { ...world().server.summary, strip: { ...stripFixture(), conflicts: 41 } };
    world().server.tellDelta({ seq: 900 });
    await seen(page, "41");
    expect(world().server.opened).toBe(2);
  });

  it("a controller that does not answer is told, and asked again", async () => {
    world().server.given.set("events", { status: 503, body: { error: "32 follow already" } });
    const { page } = await world().open();
    await seen(page, /Nothing was heard yet: 32 follow already/);
    world().server.given.delete("events");
    await seen(page, "live");
    await seen(page, "Nodes by price");
  });

  it("a view that cannot be refreshed stays, and says so", async () => {
    const { page } = await world().open({ at: "#/cpu/nodes/worker-b-07" });
    await seen(page, "team-b/checkout-1");
    world().server.given.set("nodes/worker-b-07", { status: 503, body: { error: "too many ask" } });
    await seen(page, "This is not refreshed: too many ask.");
    expect(await page.getByText("team-b/checkout-1").count()).toBe(1);
  });

  it("another replica than the leader says who leads", async () => {
    world().server.summary = { ...world().server.summary, leader: false, leaderName: "walras-controller-1" };
    const { page } = await world().open();
    await seen(page, /This replica does not lead: walras-controller-1 does/);
  });

  it("who does not say who they are is asked, and sees it then", async () => {
    world().server.token = "secret";
    const { page } = await world().open();
    await seen(page, "Say who you are");
    expect(await page.locator(".strip").count()).toBe(0);
    await page.getByLabel("Token").fill("wrong");
    await page.getByRole("button", { name: "Sign in" }).click();
    await seen(page, "Say by a token who you are.");
    await page.getByLabel("Token").fill("secret");
    await page.getByRole("button", { name: "Sign in" }).click();
    await seen(page, "Nodes by price");
    await page.keyboard.press(":");
    await page.keyboard.type("signout");
    await page.keyboard.press("Enter");
    await seen(page, "You have signed out.");
  });

  it("a token in the address is taken out of it and used", async () => {
    world().server.token = "secret";
    const { page } = await world().open({ at: "#token=secret&to=/gpus" });
    await page.getByRole("heading", { level: 1, name: "GPUs" }).waitFor();
    expect(page.url()).toBe(`${world().server.url}#/gpus`);
  });

  it("who may not see it is told so", async () => {
    world().server.given.set("events", { status: 403, body: { error: "dana may not get the dashboard" } });
    const { page } = await world().open();
    await seen(page, "You may not see this");
    await seen(page, "dana may not get the dashboard");
  });

  it("is only ever asked to get", async () => {
    const { page } = await world().open({ at: "#/cpu/pods/shop/cart-0" });
    const methods = new Set<string>();
    page.on("request", (request) => methods.add(request.method()));
    for (const key of ["1", "2", "3", "4", "5"]) await page.keyboard.press(key);
    await vi.waitFor(() => expect(methods.size).toBeGreaterThan(0));
    expect([...methods]).toEqual(["GET"]);
  });
});
