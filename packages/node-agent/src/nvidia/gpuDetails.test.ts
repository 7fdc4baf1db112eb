import fc from "fast-check";
import { describe, expect, it } from "vitest";

import { type GpuDetail, DetailParser } from "./gpuDetails.ts";
import { MigListParser } from "./migList.ts";
import { type DoubleControl, machineOf } from "./testing/control.ts";
import { gpuList } from "./testing/list.ts";
import { xmlDocument } from "./testing/xml.ts";

function parsed(text: string, chunk = text.length): readonly GpuDetail[] {
  const parser = new DetailParser();
  for (let at = 0; at < text.length; at += chunk) parser.push(text.slice(at, at + chunk));
  return parser.end();
}

function detailsOf(control: DoubleControl): readonly GpuDetail[] {
  return parsed(xmlDocument(machineOf(control)));
}

describe("the document of nvidia-smi -q -x", () => {
  it("tells MIG devices, processes and minors, of each version of the schema", () => {
    const [divided, shared, whole, empty] = detailsOf({ layout: "a100-mig" });
    expect(divided).toMatchObject({
      uuid: "GPU-c31be0d4-88a2-57c6-94e3-6f1d0a72b3c8",
      pciBusId: "0000:07:00.0",
      minor: 0,
      migPlaces: [
        { index: 0, gpuInstance: 2, computeInstance: 0, memoryTotalMiB: 19_968 },
        { index: 1, gpuInstance: 3, computeInstance: 0, memoryTotalMiB: 9856 },
        { index: 2, gpuInstance: 9, computeInstance: 0, memoryTotalMiB: 4864 },
        { index: 3, gpuInstance: 10, computeInstance: 0, memoryTotalMiB: 4864 },
      ],
      processes: [{ pid: 30_211, name: "/usr/bin/python3", memoryUsedMiB: 11_191 }],
    });
    expect(shared?.migPlaces.map(({ computeInstance }) => computeInstance)).toEqual([0, 1]);
    expect(whole?.processes).toEqual([{ pid: 30_977, name: "python & <train>", memoryUsedMiB: 30_506 }]);
    expect([empty?.migPlaces, empty?.processes]).toEqual([[], []]);
    expect(detailsOf({ layout: "h100x8" }).map(({ minor }) => minor)).toEqual([2, 1, 0, 3, 6, 5, 4, 7]);
    expect(detailsOf({ layout: "t4" })).toMatchObject([{ minor: 0, processes: [{ pid: 41_210 }] }]);
  });

  it("tells what is broken, by each driver's own words", () => {
    const broken = (control: DoubleControl): unknown => {
      const [detail] = detailsOf(control);
      return [detail?.repairPending, detail?.repairFailed, detail?.resetRequired];
    };
    expect(broken({ layout: "h100x8" })).toEqual([false, false, false]);
    expect(broken({ layout: "h100x8", health: { 0: { remappedRowPending: true } } })).toEqual([true, false, false]);
    expect(broken({ layout: "h100x8", health: { 0: { remappedRowFailure: true } } })).toEqual([false, true, false]);
    expect(broken({ layout: "t4", health: { 0: { pendingRetirement: true } } })).toEqual([true, false, false]);
    expect(broken({ layout: "a100-mig", health: { 0: { resetRequired: true } } })).toEqual([false, false, true]);
  });

  it("knows no processes, rather than none, of a GPU that is lost or whose driver does not tell", () => {
    const document = xmlDocument(machineOf({ layout: "t4" })).replace(
      /<processes>[^]*<\/processes>/,
      "<processes>N/A</processes>",
    );
    expect(parsed(document)).toMatchObject([{ processes: null }]);
    expect(parsed(document.replace("<processes>N/A</processes>", ""))).toMatchObject([{ processes: null }]);
    expect(parsed(document.replace("<processes>N/A</processes>", "<processes />"))).toMatchObject([{ processes: [] }]);
    expect(detailsOf({ layout: "h100x8", lost: [1] }).map(({ uuid }) => uuid)).toHaveLength(8);
  });

  it("is the same however it is cut while it comes", () => {
    const document = xmlDocument(machineOf({ layout: "a100-mig" }));
    const whole = parsed(document);
    for (const chunk of [1, 7, 4096]) expect(parsed(document, chunk)).toEqual(whole);
  });

  it("is refused where it has no end", () => {
    const document = xmlDocument(machineOf({ layout: "t4" }));
    fc.assert(
      fc.property(fc.nat(document.length - 20), (length) => {
        expect(() => parsed(document.slice(0, length), 512)).toThrow("no end");
      }),
      { numRuns: 50 },
    );
  });

  it("never holds more than a tag, whatever comes", () => {
    expect(() => parsed(`<nvidia_smi_log><${"x".repeat(5000)}`, 100)).toThrow("a tag without an end");
    expect(() => parsed("<a>".repeat(30))).toThrow("nested too deep");
    fc.assert(
      fc.property(
        fc.array(fc.constantFrom("<gpu>", "</gpu>", "<a/>", "<", ">", "&", "text", "</x>", "<?", "<!")),
        (parts) => {
          const run = (): unknown => parsed(parts.join(""));
          expect(run).toThrow(/^(the document has no end|XML: .*)$/);
        },
      ),
    );
  });
});

describe("two machines of one layout", () => {
  it("have no UUID in common, and each always its own", () => {
    const uuidsOf = (machine: string): readonly string[] =>
      machineOf({ layout: "a100-mig", machine }).gpus.flatMap(({ uuid, mig }) => [
        uuid,
        ...mig.devices.map((device) => device.uuid),
      ]);
    const [one, other] = [uuidsOf("node1"), uuidsOf("node2")];
    expect(new Set([...one, ...other]).size).toBe(2 * 10);
    expect(uuidsOf("node1")).toEqual(one);
  });
});

describe("the list of nvidia-smi -L", () => {
  it("names MIG devices by profile and UUID", () => {
    const parser = new MigListParser();
    for (const line of gpuList(machineOf({ layout: "a100-mig" })).split("\n")) parser.line(line.trim());
    parser.line("  nonsense");
    expect(parser.end().map(({ index, profile }) => [index, profile])).toEqual([
      [0, "3g.20gb"],
      [1, "2g.10gb"],
      [2, "1g.5gb"],
      [3, "1g.5gb"],
      [0, "2c.3g.20gb"],
      [1, "1c.3g.20gb"],
    ]);
  });

  it("knows the names of old drivers", () => {
    const parser = new MigListParser();
    const gpu = "GPU-12a3b4c5-0000-1111-2222-333344445555";
    parser.line(`GPU 0: A100-SXM4-40GB (UUID: ${gpu})`);
    parser.line(`MIG 3g.20gb Device 0: (UUID: MIG-${gpu}/1/0)`);
    expect(parser.end()).toEqual([{ gpuUuid: gpu, index: 0, profile: "3g.20gb", uuid: `MIG-${gpu}/1/0` }]);
  });
});
