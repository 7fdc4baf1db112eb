import type { Page } from "playwright-core";
import { describe, expect, it } from "vitest";

import { scarceNode, unknownNode } from "../src/testing/cluster.ts";
import { gpusFixture, intentsFixture, releasesFixture, slotsFixture } from "../src/testing/parts.ts";
import { podTimeLine } from "../src/testing/pod.ts";
import { inBrowser } from "../src/testing/suite.ts";

const textOf = (page: Page, selector = "main"): Promise<string> => page.locator(selector).innerText();
const seen = (page: Page, text: string | RegExp): Promise<void> => page.getByText(text).first().waitFor();

inBrowser("views", (world) => {
  const open = async (at: string, heading: string | RegExp): Promise<Page> => {
    const { page, complaints } = await world().open({ at });
    await page.getByRole("heading", { level: 1, name: heading }).waitFor();
    await page.getByRole("heading", { name: /^Asking for/ }).waitFor({ state: "detached" });
    expect(complaints).toEqual([]);
    return page;
  };

  it("the strip has the cluster's numbers", async () => {
    const page = await open("#/cpu", "Nodes by price");
    const strip = await textOf(page, ".strip");
    for (const text of [
      "12.4 s",
      "1,912",
      "72 % of 2,656",
      "1,389",
      "97",
      "Conflicts",
      "55,842",
      "19,564 saved",
      "1,606 offered",
    ])
      expect(strip).toContain(text);
  });

  it("nodes are a map, and in words what the map shows; or a table", async () => {
    const page = await open("#/cpu", "Nodes by price");
    expect(await page.locator("canvas").evaluate((canvas: HTMLCanvasElement) => canvas.width)).toBeGreaterThan(1_000);
    expect(await textOf(page, ".legend")).toContain("above 10");
    await page.getByRole("button", { name: "by price" }).click();
    await page.getByRole("button", { name: /As a table/ }).click();
    const prices = await page.locator("tbody tr td:nth-child(3)").allInnerTexts();
    expect(prices).toHaveLength(50);
    expect(prices.map(Number)).toEqual(prices.map(Number).toSorted((a, b) => b - a));
    await page.getByRole("button", { name: "Next" }).click();
    await seen(page, "51 to 100 of 168");
  });

  it("a node has its market: who wants, is guaranteed, is rationed and pays", async () => {
    const page = await open(`#/cpu/nodes/${scarceNode}`, scarceNode);
    await seen(page, "team-b/checkout-1");
    const row = page.locator("tbody tr").first();
    expect((await row.locator("td").allInnerTexts()).slice(0, 5)).toEqual([
      "shop/cart-0",
      "2.65",
      "500m",
      "1.79",
      "1.78",
    ]);
    expect(await textOf(page, ".facts")).toContain("for 3 min 4 s");
  });

  it("a node of which nothing is known says so, and shows no zero", async () => {
    const page = await open(`#/cpu/nodes/${unknownNode}`, unknownNode);
    await seen(page, /its agent has not reported for 42 s/);
    expect(await textOf(page, ".facts")).toContain("unknown of 16");
  });

  it("a pod has its time line, its decisions with their reasons, the ghost of its declared limit, and YAML", async () => {
    const page = await open("#/cpu/pods/shop/cart-0", "shop/cart-0");
    expect(await page.locator(".uplot").count()).toBe(3);
    const text = await textOf(page);
    for (const part of ["612 s", "48.2 s", "limit 1 → 2.25", "the node's CPU is used up", "cpu: 750m", "900 samples"])
      expect(text).toContain(part);
    await page.getByRole("button", { name: /As a table/ }).click();
    await seen(page, "Samples, newest first.");
    const samples = page.getByRole("table", { name: "Samples, newest first." });
    expect(await samples.locator("tbody tr").first().locator("td").nth(2).innerText()).toBe("750m");
  });

  it.each([
    [`#/cpu/nodes/${scarceNode}`, `Asking for node ${scarceNode} …`],
    ["#/cpu/pods/shop/cart-0", "Asking for pod shop/cart-0 …"],
    ["#/releases", "Asking for the releases …"],
    ["#/slots", "Asking for the slots …"],
    ["#/gpus", "Asking for the GPUs …"],
    ["#/intents", "Asking for the intents …"],
  ])("%s says what it asks for, until that is answered", async (at, asking) => {
    const { promise, resolve } = Promise.withResolvers<void>();
    const page = await open("#/cpu", "Nodes by price");
    await page.route(/\/api\/(?!events$)/, async (route) => {
      await promise;
      await route.continue();
    });
    await page.goto(world().server.url + at);
    await page.getByRole("heading", { name: asking }).waitFor();
    resolve();
    await page.getByRole("heading", { name: asking }).waitFor({ state: "detached" });
    await page.locator("main :is(table, canvas)").first().waitFor();
  });

  it("releases stand on the calendar, with what holds each", async () => {
    const page = await open("#/releases", /clinic calendar/);
    await seen(page, "argocd/imaging");
    const text = await textOf(page);
    for (const part of [
      "Seven days in Europe/Vienna",
      "It opens Mon 30 Nov, 20:00",
      "Frozen by dana: audit",
      "34 %",
      "portal",
      "high_risk_paused",
    ])
      expect(text).toContain(part);
    await page.getByRole("link", { name: "argocd/imaging" }).click();
    await seen(page, "risk 0.82 is at or above 0.7, and nobody has approved");
  });

  it("slots are a map and who asks for them", async () => {
    const page = await open("#/slots", "Batch slots");
    await seen(page, "batch/transcode");
    const facts = await textOf(page, "main .facts");
    for (const part of ["27", "60 %"]) expect(facts).toContain(part);
  });

  it("GPUs say who sits on them, by what four tell", async () => {
    const page = await open("#/gpus", "GPUs");
    const row = page.locator("tbody tr").filter({ hasText: "train/eval-0" });
    expect(await row.locator("td").allInnerTexts()).toEqual([
      "gpu-1 #2",
      "73 %",
      "99,328 / 143,771",
      "train/eval-0",
      "no",
      "yes",
      "yes",
      "no",
      "drift",
    ]);
    const quiet = page.locator("tbody tr").filter({ hasText: "train/llm-2" });
    expect(await quiet.innerText()).toContain("does not tell");
  });

  it("intents have a plan, and what was rejected with why", async () => {
    const page = await open("#/intents", "Intents");
    await seen(page, "scaleOut: factor 2");
    const text = await textOf(page);
    for (const part of [
      "1.02",
      "118 ms expected: the objective is missed",
      "scaled from 3 to 5 replicas",
      "priority 7: at most 1",
    ])
      expect(text).toContain(part);
    await page.getByRole("link", { name: "shop/search-p95" }).click();
    await seen(page, "Nothing else was considered.");
  });

  it("every number says on a click how it is made", async () => {
    const page = await open("#/cpu", "Nodes by price");
    await page.locator(".strip").getByRole("button", { name: "12.4 s" }).click();
    await page.getByRole("heading", { name: "What strip.throttledSecondsPerMinute is" }).waitFor();
    expect(await textOf(page, ".explain")).toContain("From the agents' reports");
    await page.getByRole("button", { name: "Close" }).click();
    expect(await page.locator(".explain").count()).toBe(0);
  });

  it("money goes by the reader's price, which a reload keeps", async () => {
    const page = await open("#/cpu", "Nodes by price");
    await page.getByLabel("a core-hour").fill("0.08");
    await page.keyboard.press("Enter");
    await seen(page, "111,684");
    await page.reload();
    await seen(page, "111,684");
  });

  it("a link leads to its place again, and one that is none says so", async () => {
    const page = await open(`#/cpu/nodes/${scarceNode}`, scarceNode);
    await page.reload();
    await page.getByRole("heading", { level: 1, name: scarceNode }).waitFor();
    await page.goto(`${world().server.url}#/disks`);
    await seen(page, "There is nothing at this address");
  });

  it("an item's link leads to it", async () => {
    const page = await open("#/releases/argocd/billing", /clinic calendar/);
    await seen(page, "frozen by dana: audit");
  });

  describe("where there is nothing", () => {
    it.each([
      [
        "releases",
        {
          ...releasesFixture(),
          queue: [],
          inFlight: [],
          calendar: [],
          freezes: null,
          freezeTrouble: "no right to read Leases",
        },
        "Nothing waits",
      ],
      [
        "slots",
        { ...slotsFixture(), slots: [], scaledJobs: [], allowed: null, reason: "nothing is known" },
        "No node has a slot",
      ],
      ["gpus", { ...gpusFixture(), nodes: [], waiting: [] }, "No GPU"],
      ["intents", { ...intentsFixture(), intents: [], invalid: [], atMs: null }, "No intent"],
    ])("%s say so", async (view, body, text) => {
      world().server.given.set(view, { status: 200, body });
      const { page, complaints } = await world().open({ at: `#/${view}` });
      await page.getByRole("heading", { name: text }).waitFor();
      expect(complaints).toEqual([]);
    });

    it("a cluster without nodes, and a pod without samples, say so", async () => {
      const { summary, given } = world().server;
      world().server.summary = {
        ...summary,
        cells: { node: [], price: [], used: [], state: [], pods: [], rationed: [] },
      };
      const pod = podTimeLine();
      given.set("pods/shop/new-0", {
        status: 200,
        body: {
          ...pod,
          points: { t: [], used: [], throttled: [], limit: [], request: [], price: [] },
          ghost: {
            ...pod.ghost,
            used: [],
            throttled: [],
            throttledSeconds: null,
            actualThrottledSeconds: null,
            declaredLimitMilli: null,
          },
          decisions: [],
          recordedSinceMs: null,
          recommendation: null,
        },
      });
      const { page } = await world().open();
      await seen(page, "No nodes");
      await page.goto(`${world().server.url}#/cpu/pods/shop/new-0`);
      await seen(page, "No sample yet");
      expect(await textOf(page)).toContain("Nothing is recommended");
    });

    it("a part that does not run is named", async () => {
      world().server.summary = { ...world().server.summary, parts: ["market"] };
      const { page } = await world().open({ at: "#/gpus" });
      await seen(page, "GPUs: nothing here");
    });
  });

  describe("where it fails", () => {
    it.each(["releases", "slots", "gpus", "intents", `nodes/${scarceNode}`, "pods/shop/cart-0"])(
      "%s say why",
      async (path) => {
        world().server.given.set(path, { status: 503, body: { error: "too many ask at once" } });
        const { page } = await world().open({ at: path.includes("/") ? `#/cpu/${path}` : `#/${path}` });
        await seen(page, "too many ask at once");
      },
    );

    it("what is not there is said to be not there", async () => {
      const { page } = await world().open({ at: "#/cpu/nodes/gone" });
      await seen(page, "There is no such thing: node gone");
    });
  });
});
