import { KubeError, type KubeRequest } from "@walras/kube";
import { beforeEach, describe, expect, it } from "vitest";

import {
  configurationPath,
  type StoredConfiguration,
  secretPath,
  TestCluster,
  type TestReplica,
} from "../testing/cluster.ts";
import { rotation } from "../../../../base/trust/rotation.ts";

const dayMs = 86_400_000;
let cluster: TestCluster;

beforeEach(async () => {
  cluster = new TestCluster();
  await cluster.begin();
});

async function kept(): Promise<TestReplica> {
  const replica = cluster.replica();
  await replica.keeper.keep();
  return replica;
}

const secret = (): Promise<{ data: Record<string, string> }> => cluster.read(secretPath);
const authority = ({ now }: TestReplica): string => now?.authority ?? "none";

describe("the first certificate", () => {
  it("is made, kept in the Secret, trusted and served", async () => {
    const replica = cluster.replica();
    expect(replica.keeper.notReady()).toEqual(["the webhook's certificate"]);
    await replica.keeper.keep();
    expect(await cluster.trusted()).toEqual([`${authority(replica).trim()}\n`]);
    const { data } = await secret();
    expect(Buffer.from(data["tls.crt"] ?? "", "base64").toString()).toBe(replica.now?.certificate);
    expect(replica.keeper.notReady()).toEqual([]);
  });

  it("is the same for replicas that begin one after the other, and written once", async () => {
    const [first, second] = [await kept(), await kept()];
    await first.keeper.keep();
    expect(second.now).toEqual(first.now);
    expect([first.served.length, cluster.told.filter((told) => told.startsWith("WebhookCertificate")).length]).toEqual([
      1, 1,
    ]);
  });

  it.each(["is not there", "is there and empty"])(
    "is the same for replicas that begin at once where the Secret %s",
    async (how) => {
      if (how === "is there and empty")
        await cluster.transport.send({
          method: "POST",
          path: secretPath.slice(0, secretPath.lastIndexOf("/")),
          body: { apiVersion: "v1", kind: "Secret", metadata: { name: "gpu-scheduler-webhook-tls" } },
        });
      const replicas = [cluster.replica(), cluster.replica(), cluster.replica()];
      await Promise.all(replicas.map(({ keeper }) => keeper.keep()));
      await Promise.all(replicas.map(({ keeper }) => keeper.keep()));
      expect(new Set(replicas.map(({ now }) => now?.certificate)).size).toBe(1);
      for (const replica of replicas) expect(await cluster.trusted()).toEqual([`${authority(replica).trim()}\n`]);
    },
  );

  it.each([
    ["is no certificate", { "tls.crt": "bm9uZQ==" }],
    ["has another key", { "tls.key": "bm9uZQ==" }],
    ["has no authority", { "ca.crt": "" }],
  ])("is made anew where what the Secret holds %s", async (_, data) => {
    const before = await kept();
    await cluster.patch(secretPath, { data });
    const after = await kept();
    expect(after.now?.certificate).not.toBe(before.now?.certificate);
    expect((await cluster.trusted())[0]).toBe(`${authority(after).trim()}\n`);
  });

  it("waits for the API server, and what is served goes on while it is away", async () => {
    const replica = await kept();
    cluster.before = () => {
      throw new KubeError("away", { status: 0, reason: "NoAnswer" });
    };
    await expect(replica.keeper.keep()).rejects.toThrow("away");
    expect([replica.keeper.notReady(), replica.served.length]).toEqual([[], 1]);
    await expect(cluster.replica().keeper.keep()).rejects.toThrow("away");
  });
});

describe("the next certificate", () => {
  it("is trusted beside the first before it is served, and the first is trusted until its end", async () => {
    const replicas = [await kept(), await kept()];
    const [one, other] = replicas as [TestReplica, TestReplica];
    const first = authority(one);
    await cluster.clock.advance(rotation.lifetimeMs - rotation.aheadMs);
    await one.keeper.keep();
    expect((await cluster.trusted()).length).toBe(2);
    expect(authority(one)).toBe(first);

    await other.keeper.keep();
    await one.keeper.keep();
    await cluster.clock.advance(rotation.settleMs);
    await one.keeper.keep();
    await other.keeper.keep();
    expect(one.now?.certificate).toBe(other.now?.certificate);
    expect(authority(one)).not.toBe(first);
    expect(await cluster.trusted()).toEqual([`${authority(one).trim()}\n`, `${first.trim()}\n`]);

    await cluster.clock.advance(rotation.aheadMs);
    await other.keeper.keep();
    expect(await cluster.trusted()).toEqual([`${authority(one).trim()}\n`]);
    expect([one.served.length, other.served.length]).toEqual([2, 2]);
  });

  it("is not served while nobody is told to trust it, but before the first one ends", async () => {
    const replica = await kept();
    const first = authority(replica);
    await cluster.clock.advance(rotation.lifetimeMs - rotation.aheadMs);
    await cluster.remove(configurationPath);
    for (let day = 0; day < 25; day += 1) {
      await replica.keeper.keep();
      await cluster.clock.advance(dayMs);
    }
    expect(authority(replica)).toBe(first);
    await cluster.clock.advance(4 * dayMs + dayMs - rotation.lastMs);
    await replica.keeper.keep();
    expect(authority(replica)).not.toBe(first);
  });

  it("takes as long again where somebody has taken its authority out of the configuration", async () => {
    const replica = await kept();
    const first = authority(replica);
    await cluster.clock.advance(rotation.lifetimeMs - rotation.aheadMs);
    await replica.keeper.keep();
    await replica.keeper.keep();
    const { webhooks } = await cluster.read<StoredConfiguration>(configurationPath);
    const without = webhooks.map((webhook) => ({
      ...webhook,
      clientConfig: { ...webhook.clientConfig, caBundle: "" },
    }));
    await cluster.patch(configurationPath, { webhooks: without });
    await cluster.clock.advance(rotation.settleMs);
    await replica.keeper.keep();
    expect([(await cluster.trusted()).length, authority(replica)]).toEqual([2, first]);
    await replica.keeper.keep();
    await cluster.clock.advance(rotation.settleMs);
    await replica.keeper.keep();
    expect(authority(replica)).not.toBe(first);
  });
});

describe("the configuration", () => {
  it("keeps what others have set, and is not written where nothing differs", async () => {
    const replica = await kept();
    await cluster.patch(configurationPath, { metadata: { annotations: { team: "platform" } } });
    const before = await cluster.read<StoredConfiguration>(configurationPath);
    await replica.keeper.keep();
    expect(await cluster.read<StoredConfiguration>(configurationPath)).toEqual(before);
    expect(before.webhooks[1]).toEqual({
      name: "other.example.com",
      clientConfig: { service: { namespace: "shop", name: "other" } },
      matchConditions: [{ name: "scheduler", expression: "true" }],
      failurePolicy: "Fail",
      timeoutSeconds: 5,
    });
  });

  it("has what somebody changes in the same moment", async () => {
    const replica = cluster.replica();
    let interfered = false;
    cluster.before = async ({ method, path }: KubeRequest) => {
      if (method !== "PATCH" || path !== configurationPath || interfered) return;
      interfered = true;
      await cluster.patch(configurationPath, { metadata: { annotations: { team: "platform" } } });
    };
    await replica.keeper.keep();
    const { metadata } = await cluster.read<StoredConfiguration>(configurationPath);
    expect([metadata.annotations, (await cluster.trusted()).length]).toEqual([{ team: "platform" }, 1]);
  });

  it("that was deleted is told, makes nobody ready, and trusts again when it is back", async () => {
    const replica = await kept();
    await cluster.remove(configurationPath);
    await replica.keeper.keep();
    const missing = "gpu-scheduler-webhook is not there: pods get no CUDA_VISIBLE_DEVICES until it is applied again";
    expect([replica.keeper.notReady(), cluster.told.at(-1)]).toEqual([[missing], `WebhookMissing: ${missing}`]);
    await cluster.configure();
    await replica.keeper.keep();
    expect([replica.keeper.notReady(), (await cluster.trusted()).length, replica.served.length]).toEqual([[], 1, 1]);
  });

  it("that is asked about everybody's pods is told, and trusted all the same", async () => {
    await kept();
    const { webhooks } = await cluster.read<StoredConfiguration>(configurationPath);
    await cluster.patch(configurationPath, { webhooks: webhooks.map(({ matchConditions: _, ...rest }) => rest) });
    const replica = await kept();
    expect(cluster.told.at(-1)).toMatch(/^WebhookUnguarded: gpu-scheduler-webhook has no matchConditions/);
    expect(replica.keeper.notReady()).toEqual([]);
  });

  it("that leads elsewhere is told as well", async () => {
    const replica = await kept();
    await cluster.patch(configurationPath, { webhooks: [] });
    await replica.keeper.keep();
    expect(replica.keeper.notReady()).toEqual([
      "gpu-scheduler-webhook has no webhook whose service is gpu-scheduler-system/gpu-scheduler-webhook",
    ]);
  });

  it("is never set back by a replica that has read an older Secret", async () => {
    const [slow, fast] = [await kept(), await kept()];
    let pending = true;
    cluster.after = async ({ method, path }: KubeRequest) => {
      if (method !== "GET" || path !== secretPath || !pending) return;
      pending = false;
      await cluster.remove(secretPath);
      await fast.keeper.keep();
    };
    await slow.keeper.keep();
    expect((await cluster.trusted())[0]).toBe(`${authority(fast).trim()}\n`);
    await slow.keeper.keep();
    expect(slow.now).toEqual(fast.now);
  });
});
