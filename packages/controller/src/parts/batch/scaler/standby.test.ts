import { status } from "@grpc/grpc-js";
import { afterEach, describe, expect, it } from "vitest";

import { aRef, isActive, type ScalerRig, scalerRig } from "./testing/rig.ts";

let rig: ScalerRig | undefined;

afterEach(() => rig?.close());

describe("a replica that stands by", () => {
  it("sends KEDA away, and serves it once it leads", async () => {
    let leads = false;
    rig = await scalerRig({ accepts: () => leads });
    const keda = rig.client();
    await expect(isActive(keda, aRef())).rejects.toMatchObject({ code: status.UNAVAILABLE });
    expect(rig.answers.polls).toBe(0);
    leads = true;
    await expect.poll(() => isActive(keda, aRef()).catch(() => null), { timeout: 10_000 }).toEqual({ result: true });
  });

  it("lets whoever speaks HTTP/1 in: views are for both", async () => {
    rig = await scalerRig({ accepts: () => false, http1: (socket) => socket.end("HTTP/1.1 204 No Content\r\n\r\n") });
    const { port } = rig.server;
    expect((await fetch(`http://127.0.0.1:${port}/eligible`)).status).toBe(204);
  });
});
