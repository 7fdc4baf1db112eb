import { describe, expect, it } from "vitest";

import { readConfig } from "../src/config.ts";

const agents = ["--agent-address=127.0.0.1:0", "--agent-auth=none"];
const read = (...flags: string[]): ReturnType<typeof readConfig> => readConfig([...agents, ...flags], {});

describe("flags of the dashboard", () => {
  it("serve none unless they are asked to", () => {
    expect(read().dashboard).toBe("off");
    expect(read("--dashboard=kubernetes")).toMatchObject({
      dashboardHost: "127.0.0.1",
      dashboardPort: 8090,
      coreHourPrice: 0.04,
    });
  });

  it.each([
    [["--dashboard=everybody"], "everybody"],
    [["--dashboard=token"], "flags.dashboardTokenFile: undefined is needed for --dashboard=token"],
    [
      ["--dashboard=kubernetes", "--dashboard-host=0.0.0.0"],
      "flags.dashboardTlsCert: undefined is needed to listen on 0.0.0.0",
    ],
    [
      ["--dashboard=kubernetes", "--dashboard-tls-cert=/c"],
      "flags.dashboardTlsKey: undefined goes with --dashboard-tls-cert",
    ],
    [["--core-hour-price=-1"], "flags.coreHourPrice"],
    [["--dashboard-port=70000"], "flags.dashboardPort"],
  ])("%j is refused, naming the flag", (flags, complaint) => {
    expect(() => read(...flags)).toThrow(complaint);
  });

  it("let it listen beyond loopback over TLS", () => {
    const tls = ["--dashboard-tls-cert=/c", "--dashboard-tls-key=/k"];
    expect(read("--dashboard=kubernetes", "--dashboard-host=0.0.0.0", ...tls).dashboardHost).toBe("0.0.0.0");
  });
});
