import { sleep, systemClock } from "@walras/kit";
import { TestController } from "@walras/node-agent/testing";

import { readyAfter, runImage } from "./container.ts";

const lookMs = 5;

/** From its start until the controller has its first report, in milliseconds. */
export async function agentReady(rootfs: string): Promise<number> {
  const controller = await new TestController({ intervalMillis: 100 }).start();
  try {
    const args = [`--controller=127.0.0.1:${controller.port}`, "--insecure", "--node-name=bench", "--log-level=error"];
    const atMs = performance.now();
    return await readyAfter(runImage("agent", { rootfs, args }), atMs, heard(controller));
  } finally {
    controller.stop();
  }
}

async function heard({ reports }: TestController): Promise<void> {
  while (reports.length === 0) await sleep(systemClock, lookMs);
}
