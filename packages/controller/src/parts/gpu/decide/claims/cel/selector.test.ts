import fc from "fast-check";
import { describe, expect, it } from "vitest";

import { selectorOf } from "./selector.ts";
import { Quantity, type SelectedDevice, Version } from "./values.ts";

const device: SelectedDevice = {
  driver: "gpu.nvidia.com",
  attributes: new Map([
    [
      "gpu.nvidia.com",
      new Map<string, string | number | boolean | Version>([
        ["uuid", "GPU-1"],
        ["productName", "NVIDIA A100-SXM4-40GB"],
        ["minor", 3],
        ["mig", false],
        ["driverVersion", Version.read("550.54.15")],
      ]),
    ],
    ["resource.kubernetes.io", new Map([["pcieRoot", "pci0000:00"]])],
  ]),
  capacity: new Map([["gpu.nvidia.com", new Map([["memory", new Quantity(40 * 2 ** 30)]])]]),
};

const selects = (text: string): boolean => selectorOf(text).selects(device);

describe("a selector", () => {
  it.each([
    ['device.driver == "gpu.nvidia.com"', true],
    ['device.attributes["gpu.nvidia.com"].uuid == "GPU-1"', true],
    ["device.attributes['gpu.nvidia.com']['uuid'] in ['GPU-0', 'GPU-1']", true],
    ['device.attributes["gpu.nvidia.com"].uuid != "GPU-1" || device.driver == "x"', false],
    ['device.attributes["gpu.nvidia.com"].minor >= 3 && device.attributes["gpu.nvidia.com"].minor < 4', true],
    ['device.attributes["gpu.nvidia.com"].minor > -1', true],
    ['!device.attributes["gpu.nvidia.com"].mig', true],
    ['device.attributes["gpu.nvidia.com"].productName.contains("A100")', true],
    ['device.attributes["gpu.nvidia.com"].productName.startsWith("A100")', false],
    ['device.attributes["gpu.nvidia.com"].productName.endsWith("40GB")', true],
    ['device.capacity["gpu.nvidia.com"].memory.compareTo(quantity("40Gi")) >= 0', true],
    ['device.capacity["gpu.nvidia.com"].memory.isGreaterThan(quantity("40Gi"))', false],
    ['device.capacity["gpu.nvidia.com"].memory.isLessThan(quantity("80Gi"))', true],
    ['device.capacity["gpu.nvidia.com"].memory == quantity("40960Mi")', true],
    ['device.attributes["gpu.nvidia.com"].driverVersion.isGreaterThan(semver("550.54.15-rc.1"))', true],
    ['device.attributes["gpu.nvidia.com"].driverVersion.compareTo(semver("551.0.0")) < 0', true],
    ['device.attributes["gpu.nvidia.com"].driverVersion.major() == 550', true],
    ['"gpu.nvidia.com" in device.attributes && "uuid" in device.attributes["gpu.nvidia.com"]', true],
    ['has(device.attributes["gpu.nvidia.com"].uuid) && !has(device.attributes["other.dev"].uuid)', true],
    ['device.driver == "other" ? false : true', true],
    // A side that decides alone decides, whatever becomes of the other.
    ['device.driver == "gpu.nvidia.com" || device.attributes["other.dev"].x == 1', true],
    ['device.attributes["other.dev"].x == 1 && device.driver == "other"', false],
    ['device.attributes["gpu.nvidia.com"].minor == "3"', false],
    ["device.allowMultipleAllocations", false],
    ["(true)", true],
  ])("%s is %s", (text, expected) => {
    expect(selects(text)).toBe(expected);
  });

  it.each([
    ['device.attributes["other.dev"].uuid == "GPU-1"', "no such key: uuid"],
    ['device.attributes["gpu.nvidia.com"].uuid < 3', "no such overload"],
    ["device.driver", "neither true nor false"],
    ['device.capacity["gpu.nvidia.com"].memory > 3', "no such overload"],
    ['device.name == "gpu-0"', "no such field: name"],
    ['device.capacity["gpu.nvidia.com"].memory.isLessThan(quantity("much"))', "much"],
    ['device.attributes["gpu.nvidia.com"].driverVersion.isLessThan(semver("5"))', "no semantic version"],
  ])("%s fails for this device: %s", (text, why) => {
    expect(() => selects(text)).toThrow(why);
  });

  it.each([
    ['device.driver.matches("^(a+)+$")', "matches()"],
    ["cel.bind(x, device.driver, x == 'y')", "cel"],
    ["device.attributes.all(d, true)", "all()"],
    ["object.spec == 1", "object"],
    ["device.driver ==", "how it ends"],
    ["device.driver == 'x' device", '"device" where it stands'],
    ["1.5 > 1", 'begins with "1.5 > 1"'],
    ["1 + 1 == 2", 'begins with "+ 1 == 2"'],
    ["'\\u0041' == 'A'", "begins with"],
    ["has(device)", "has()"],
    ["has(device.attributes['x'])", "has()"],
    [`${"(".repeat(100)}true${")".repeat(100)}`, "more than 64 levels"],
    [`${"!".repeat(100)}true`, "more than 64 levels"],
    [`device.driver == "${"x".repeat(11_000)}"`, "more than 10240 characters"],
    ["99999999999999999999 == 1", "the number"],
  ])("%s is not understood", (text, why) => {
    expect(() => selectorOf(text)).toThrow(why);
  });

  it("says of any text what it is, or that it is not understood or fails, and takes no long time", () => {
    const piece = fc.constantFrom(
      "device",
      ".",
      "attributes",
      '["a"]',
      "(",
      ")",
      "&&",
      "||",
      "!",
      "==",
      "<",
      "in",
      "[",
      "]",
      ",",
      "1",
      "'x'",
      "true",
      "?",
      ":",
      "has",
      " ",
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 40 }), (pieces) => {
        try {
          expect(typeof selects(pieces.join(""))).toBe("boolean");
        } catch (error) {
          expect(["NotUnderstood", "EvaluationFailed"]).toContain((error as Error).name);
        }
      }),
      { numRuns: 2_000 },
    );
  });
});
