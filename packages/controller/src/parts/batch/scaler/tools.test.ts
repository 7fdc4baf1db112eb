import { credentials } from "@grpc/grpc-js";
import { VirtualClock } from "@walras/kit";
import {
  type HealthCheckResponse,
  HealthCheckResponse_ServingStatus as Serving,
  HealthClient,
} from "@walras/proto/health";
import {
  ServerReflectionClient,
  type ServerReflectionRequest,
  type ServerReflectionResponse,
  ServerReflectionService,
} from "@walras/proto/reflection";
import { afterEach, beforeEach, describe, expect, it } from "vitest";

import { reflectionAlphaService } from "./reflection.ts";
import { aRef, isActive, reply, type ScalerRig, scalerRig } from "./testing/rig.ts";

let clock: VirtualClock;
let rig: ScalerRig;

beforeEach(async () => {
  clock = new VirtualClock();
  rig = await scalerRig({ clock });
});

afterEach(() => rig.close());

describe("health", () => {
  it("tells whether the server serves, as a whole and by service", async () => {
    const client = new HealthClient(rig.target, credentials.createInsecure());
    const check = (service: string): Promise<HealthCheckResponse> => reply((done) => client.check({ service }, done));
    expect(await check("")).toEqual({ status: Serving.SERVING });
    rig.health.serving = false;
    expect(await check("externalscaler.ExternalScaler")).toEqual({ status: Serving.NOT_SERVING });
    await expect(check("other")).rejects.toThrow("there is no service other");
    client.close();
  });

  it("is watched", async () => {
    const client = new HealthClient(rig.target, credentials.createInsecure());
    const heard: number[] = [];
    const watch = client.watch({ service: "" });
    watch.on("data", ({ status }: { status: number }) => heard.push(status));
    watch.on("error", () => undefined);
    await expect.poll(() => heard).toEqual([Serving.SERVING]);
    rig.health.serving = false;
    await clock.advance(1000);
    await expect.poll(() => heard).toEqual([Serving.SERVING, Serving.NOT_SERVING]);
    client.close();
  });

  it("of an unknown service is unknown to its watcher", async () => {
    const client = new HealthClient(rig.target, credentials.createInsecure());
    const heard: number[] = [];
    const watch = client.watch({ service: "other" });
    watch.on("data", ({ status }: { status: number }) => heard.push(status));
    watch.on("error", () => undefined);
    await expect.poll(() => heard).toEqual([Serving.SERVICE_UNKNOWN]);
    client.close();
  });
});

type Asked = NonNullable<ServerReflectionRequest["messageRequest"]>;
type Answer = NonNullable<ServerReflectionResponse["messageResponse"]>;

async function reflect(asked: Asked): Promise<Answer | undefined> {
  const client = new ServerReflectionClient(rig.target, credentials.createInsecure());
  const stream = client.serverReflectionInfo();
  const answer = new Promise<ServerReflectionResponse>((resolve, reject) => {
    stream.on("data", resolve);
    stream.on("error", reject);
  });
  stream.end({ host: "", messageRequest: asked });
  const { messageResponse } = await answer;
  client.close();
  return messageResponse;
}

describe("reflection", () => {
  it("lists the services", async () => {
    const answer = await reflect({ $case: "listServices", value: "" });
    expect(answer?.value).toEqual({
      service: [
        { name: "externalscaler.ExternalScaler" },
        { name: "grpc.health.v1.Health" },
        { name: "grpc.reflection.v1.ServerReflection" },
      ],
    });
  });

  it.each([
    { $case: "fileContainingSymbol", value: "externalscaler.ExternalScaler" },
    { $case: "fileContainingSymbol", value: "externalscaler.MetricValue" },
    { $case: "fileByFilename", value: "externalscaler.proto" },
  ] as const)("describes %j", async (asked) => {
    const answer = await reflect(asked);
    const [file] = answer?.$case === "fileDescriptorResponse" ? answer.value.fileDescriptorProto : [];
    expect(Buffer.from(file ?? []).includes("StreamMetricSpec")).toBe(true);
  });

  it("finds nothing by a name that nothing has", async () => {
    const answer = await reflect({ $case: "fileContainingSymbol", value: "externalscaler.None" });
    expect(answer).toEqual({
      $case: "errorResponse",
      value: { errorCode: 5, errorMessage: "nothing is called externalscaler.None" },
    });
  });

  it("is served under its former name as well", () => {
    expect(reflectionAlphaService.serverReflectionInfo.path).toBe(
      ServerReflectionService.serverReflectionInfo.path.replace(".v1.", ".v1alpha."),
    );
  });
});

describe("stopping", () => {
  it("waits for no client, whatever it holds open", async () => {
    const client = rig.client();
    await isActive(client, aRef());
    client
      .streamIsActive(aRef())
      .on("data", () => undefined)
      .on("error", () => undefined);
    await expect.poll(() => rig.server.openStreams).toBe(1);
    await rig.server.stop();
    expect(rig.server.openStreams).toBe(0);
  });
});
