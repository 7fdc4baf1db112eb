import type { Page } from "playwright-core";
import { expect, it } from "vitest";

import { inBrowser } from "../src/testing/suite.ts";

/** In the page: as where the machine is busy, what waits for a frame, or for no time, waits for longer. */
function paintLate(): void {
  const after = setTimeout;
  globalThis.requestAnimationFrame = () => 0;
  globalThis.setTimeout = ((then: () => void, ms = 0) => after(then, Math.max(ms, 150))) as typeof setTimeout;
}

inBrowser("keys", (world) => {
  let page: Page;

  const open = async (at = "#/cpu"): Promise<void> => {
    ({ page } = await world().open({ at }));
    await page.getByRole("heading", { level: 1 }).waitFor();
  };
  const press = async (...keys: readonly string[]): Promise<void> => {
    for (const key of keys) await page.keyboard.press(key);
  };
  const heading = (name: string | RegExp): Promise<void> => page.getByRole("heading", { level: 1, name }).waitFor();

  it("lead from the map into a node, a pod, and back", async () => {
    await open();
    await press("j", "l", "k", "h");
    const option = page.getByRole("option");
    expect(await option.innerText()).toContain("worker-a-01");
    await press("l", "Enter");
    await heading("worker-a-02");
    await page.locator("tbody tr").first().waitFor();
    await press("j", "k");
    expect(await page.locator("tbody tr[aria-current]").innerText()).toContain("shop/cart-0");
    await press("Enter");
    await heading("shop/cart-0");
    await page.getByRole("link", { name: "worker-b-07" }).waitFor();
    await press("Escape");
    await heading("worker-b-07");
    await press("Escape");
    await heading("Nodes by price");
  });

  it("have the choice again when one comes back", async () => {
    await open();
    await press("l", "l", "l", "Enter");
    await heading("worker-a-04");
    await press("Escape");
    await heading("Nodes by price");
    expect(await page.getByRole("option").innerText()).toContain("worker-a-04");
  });

  it("filter: / writes, Enter keeps it, Esc empties it", async () => {
    await open();
    await press("/");
    await page.keyboard.type("state:unknown");
    await page.getByText("2 of 168").waitFor();
    await press("Enter", "l", "Enter");
    await heading("worker-d-30");
    await press("Escape");
    await heading("Nodes by price");
    await press("/");
    await page.keyboard.type("nothing like it");
    await page.getByText("No node meets the filter: nothing like it").waitFor();
    await press("Escape");
    await page.getByText("168", { exact: true }).first().waitFor();
  });

  it("filter: what is typed at once after a move comes in whole, however late a frame is painted", async () => {
    await open("#/slots");
    await page.evaluate(paintLate);
    await press("1");
    await heading("Nodes by price");
    await press("/");
    await page.keyboard.type("state:unknown", { delay: 30 });
    expect(await page.getByLabel("Filter").inputValue()).toBe("state:unknown");
    await page.getByText("2 of 168").waitFor();
  });

  it("the strip leads to the nodes that it counts", async () => {
    await open("#/slots");
    await page.getByRole("button", { name: "show nodes with nodes unknown" }).click();
    await page.getByText("2 of 168").waitFor();
    expect(await page.getByRole("option").innerText()).toContain("nothing is known of it now");
  });

  it("command: : goes where it is told, completes, and says what is wrong", async () => {
    await open();
    await press(":");
    await page.keyboard.type("node worker-b-07");
    await press("Enter");
    await heading("worker-b-07");
    await press(":");
    await page.keyboard.type("node worker-c-1");
    expect(await page.locator(".choices li").first().innerText()).toBe("node worker-c-10");
    await press("Tab", "Enter");
    await heading("worker-c-10");
    await press(":");
    await page.keyboard.type("delete everything");
    await press("Enter");
    await page.getByText("no command delete").waitFor();
    await press("Escape");
    expect(await page.locator("dialog").count()).toBe(0);
    await heading("worker-c-10");
  });

  it("help: ? opens it, Esc closes it and goes nowhere", async () => {
    await open("#/gpus");
    await press("?");
    await page.getByRole("dialog", { name: "Keys" }).waitFor();
    await press("j", "Escape");
    expect(await page.locator("dialog").count()).toBe(0);
    await heading("GPUs");
  });

  it("numbers lead to the five views", async () => {
    await open();
    for (const [key, name] of [
      ["2", "Releases on the clinic calendar"],
      ["3", "Batch slots"],
      ["4", "GPUs"],
      ["5", "Intents"],
      ["1", "Nodes by price"],
    ] as const) {
      await press(key);
      await heading(name);
    }
  });

  it("y copies the YAML that is recommended", async () => {
    await open("#/cpu/pods/shop/cart-0");
    await page.context().grantPermissions(["clipboard-read", "clipboard-write"]);
    await page.locator("pre.yaml").waitFor();
    await press("y");
    await page.getByText("YAML copied").waitFor({ state: "attached" });
    expect(await page.evaluate(() => navigator.clipboard.readText())).toContain("cpu: 750m");
  });

  it("j and k walk through decisions, and mark them", async () => {
    await open("#/cpu/pods/shop/cart-0");
    await page.locator(".decisions li").first().waitFor();
    await press("j");
    expect(await page.locator(".decisions li[aria-current]").innerText()).toContain(
      "its workload has used 690m for hours",
    );
  });

  it("t shows numbers instead of the map, s changes their order, T the theme", async () => {
    await open();
    await press("t", "s");
    await page.getByRole("table").waitFor();
    expect(await page.getByRole("button", { name: "by price" }).getAttribute("aria-pressed")).toBe("true");
    await press("T", "T");
    expect(await page.evaluate(() => document.documentElement.dataset["theme"])).toBe("dark");
    const ground = await page.evaluate(() => getComputedStyle(document.documentElement).backgroundColor);
    expect(ground).toBe("rgb(20, 24, 27)");
  });

  it("leave a field alone that one writes in", async () => {
    await open();
    const price = page.getByLabel("a core-hour");
    await price.fill("");
    await price.pressSequentially("2");
    expect(await price.inputValue()).toBe("2");
    expect(page.url()).toContain("#/cpu");
  });

  it("show where they are: what has the focus is outlined", async () => {
    await open();
    await press("Tab", "Tab");
    const style = await page.evaluate(() => getComputedStyle(document.activeElement ?? document.body).outlineStyle);
    expect(style).toBe("solid");
  });
});
