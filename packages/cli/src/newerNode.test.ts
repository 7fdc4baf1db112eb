import { describe, expect, it } from "vitest";

import { needTemporal } from "./newerNode.ts";

describe("commands that read a calendar", () => {
  it("run on the Node of this project, and say on an older one what would do", () => {
    expect(() => needTemporal("carla plan")).not.toThrow();
    expect(() => needTemporal("carla plan", "v20.20.2")).toThrow(
      "carla plan needs Node 26 or later for its calendar, and this is v20.20.2: take the program in one file",
    );
  });
});
