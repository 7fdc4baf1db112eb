import fc from "fast-check";
import { describe, expect, it } from "vitest";

import { KernelText } from "../text/kernelText.ts";
import { BusyHistory } from "./busyHistory.ts";
import { parseMemInfo } from "./memInfo.ts";
import { countCpus, parseProcStat } from "./procStat.ts";

const text = new KernelText();
const ticks = fc.nat({ max: 1e9 });

describe("/proc/stat", () => {
  it("counts everything but idle and waiting for disks as busy, guests once", () => {
    fc.assert(
      fc.property(fc.array(ticks, { minLength: 10, maxLength: 10 }), (times) => {
        const [user = 0, nice = 0, system = 0, idle = 0, iowait = 0, irq = 0, softirq = 0, steal = 0] = times;
        const busy = user + nice + system + irq + softirq + steal;
        const stat = `cpu  ${times.join(" ")}\ncpu0 1 1 1 1 1 1 1 1 1 1\n`;
        expect(parseProcStat(text.set(stat), "stat")).toEqual({ busy, total: busy + idle + iowait });
      }),
    );
  });

  it("names the file where it begins with something else", () => {
    expect(() => parseProcStat(text.set("cpu  1 x 3 4\n"), "/proc/stat")).toThrow('/proc/stat: "cpu  1 x 3 4"');
    expect(() => parseProcStat(text.set("intr 1\n"), "/proc/stat")).toThrow("/proc/stat");
  });

  it("has a line for each CPU", () => {
    expect(countCpus("cpu  1 2\ncpu0 1 2\ncpu1 1 2\ncpu12 1 1\nintr 3\n")).toBe(3);
  });
});

describe("/proc/meminfo", () => {
  it("is in kibibytes", () => {
    const meminfo = "MemTotal:        8152024 kB\nMemFree:          123 kB\nMemAvailable:    5000000 kB\n";
    expect(parseMemInfo(text.set(meminfo))).toEqual({
      totalBytes: 8_152_024 * 1024,
      availableBytes: 5_000_000 * 1024,
    });
  });

  it("does not make up what is not there", () => {
    expect(parseMemInfo(text.set("MemTotal: many kB\n"))).toEqual({ totalBytes: null, availableBytes: null });
  });
});

describe("busy fraction", () => {
  it("is unknown until there is history, then looks back 30 s", () => {
    const history = new BusyHistory();
    const busyUntil = (second: number): number => Math.min(second, 40);
    const seen: (number | null)[] = [];
    for (let second = 0; second <= 70; second += 1) {
      history.add(second * 1000, { used: busyUntil(second), capacity: second * 2 });
      seen.push(history.fraction());
    }
    expect(seen[4]).toBeNull();
    expect(seen[5]).toBeCloseTo(0.5, 9);
    expect(seen[40]).toBeCloseTo(0.5, 9);
    expect(seen[55]).toBeCloseTo(0.25, 9);
    expect(seen[70]).toBeCloseTo(0, 9);
  });

  it("begins anew when a meter goes back", () => {
    const history = new BusyHistory();
    for (const second of [0, 6]) history.add(second * 1000, { used: second, capacity: second * 10 });
    history.add(7000, { used: 1, capacity: 1 });
    expect(history.fraction()).toBeNull();
  });
});
