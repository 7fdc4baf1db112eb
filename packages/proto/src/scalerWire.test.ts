import { join } from "node:path";

import { loadSync, type ServiceDefinition } from "@grpc/proto-loader";
import { describe, expect, it } from "vitest";

import { descriptors } from "./gen/descriptors.ts";
import {
  ExternalScalerService,
  GetMetricSpecResponse,
  GetMetricsResponse,
  ScaledObjectRef,
} from "./gen/externalscaler.ts";

const definition = loadSync("externalscaler.proto", {
  includeDirs: [join(import.meta.dirname, "..", "..", "..", "proto")],
  longs: Number,
});
const scaler = definition["externalscaler.ExternalScaler"] as ServiceDefinition;

/** Bytes written by hand from KEDA's field numbers; neither reading of our .proto file made them. */
const handwritten = {
  // name "j", namespace "n", scalerMetadata {"k": "v"}, and an unknown field 9
  ref: Uint8Array.of(0x0a, 1, 0x6a, 0x12, 1, 0x6e, 0x1a, 6, 0x0a, 1, 0x6b, 0x12, 1, 0x76, 0x4a, 1, 0x21),
  // metricSpecs [{metricName "m", targetSize 1, targetSizeFloat 1.0}]
  spec: Uint8Array.of(0x0a, 14, 0x0a, 1, 0x6d, 0x10, 1, 0x19, 0, 0, 0, 0, 0, 0, 0xf0, 0x3f),
  // metricValues [{metricName "m", metricValue 2, metricValueFloat 2.0}]
  values: Uint8Array.of(0x0a, 14, 0x0a, 1, 0x6d, 0x10, 2, 0x19, 0, 0, 0, 0, 0, 0, 0, 0x40),
};

describe("KEDA's contract", () => {
  it("reads a reference and passes over what it does not know", () => {
    expect(ScaledObjectRef.decode(handwritten.ref)).toEqual({ name: "j", namespace: "n", scalerMetadata: { k: "v" } });
  });

  it("writes integer and float side by side", () => {
    const spec = { metricSpecs: [{ metricName: "m", targetSize: 1, targetSizeFloat: 1 }] };
    expect(GetMetricSpecResponse.encode(spec).finish()).toEqual(handwritten.spec);
    const values = { metricValues: [{ metricName: "m", metricValue: 2, metricValueFloat: 2 }] };
    expect(GetMetricsResponse.encode(values).finish()).toEqual(handwritten.values);
  });

  it("names the methods as the .proto file does", () => {
    const paths = Object.values(ExternalScalerService).map(({ path }) => path);
    expect(paths.toSorted()).toEqual(
      ["GetMetricSpec", "GetMetrics", "IsActive", "StreamIsActive", "StreamMetricSpec"].map(
        (method) => `/externalscaler.ExternalScaler/${method}`,
      ),
    );
    expect(Object.values(scaler).map(({ path }) => path)).toEqual(expect.arrayContaining(paths));
  });

  it("is described to reflection as the .proto file reads", () => {
    const described = descriptors["externalscaler.proto"];
    expect(described?.services).toEqual(["externalscaler.ExternalScaler"]);
    expect(described?.symbols).toEqual(
      expect.arrayContaining(["externalscaler.ScaledObjectRef", "externalscaler.ExternalScaler.GetMetrics"]),
    );
    const bytes = Buffer.from(described?.base64 ?? "", "base64");
    expect(bytes.includes("externalscaler.proto") && bytes.includes("StreamMetricSpec")).toBe(true);
  });
});
