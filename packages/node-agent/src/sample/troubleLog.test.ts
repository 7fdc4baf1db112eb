import { createLogger } from "@walras/kit";
import { describe, expect, it, vi } from "vitest";

import { TroubleLog } from "./troubleLog.ts";

describe("complaints about kernel files", () => {
  it("are logged once and counted always", () => {
    const logger = createLogger("test", "silent");
    const warn = vi.spyOn(logger, "warn").mockImplementation(() => undefined);
    const log = new TroubleLog(logger);
    for (let second = 0; second < 5; second += 1) log.unreadable("a/cpu.stat: bad");
    log.unreadable("b/cpu.stat: bad");
    expect(log.count).toBe(6);
    expect(warn.mock.calls.map(([fields]) => (fields as { complaint: string }).complaint)).toEqual([
      "a/cpu.stat: bad",
      "b/cpu.stat: bad",
    ]);
  });
});
