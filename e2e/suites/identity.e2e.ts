import { writeFile } from "node:fs/promises";
import { join } from "node:path";

import { afterAll, describe, expect, inject, it } from "vitest";

import {
  agentWith,
  authorities,
  controllerHost,
  countIn,
  installIdentity,
  removeIdentity,
  serialOf,
  storeEnding,
} from "../harness/identity.ts";
import { identityBed, node } from "../harness/identityBed.ts";
import { agentConnected, type ControllerProgram, type Program } from "../harness/programs.ts";
import { eventually } from "../harness/wait.ts";

const bed = identityBed("identity");

afterAll(async () => {
  if (inject("local")) await removeIdentity(bed.stage.cluster);
});

describe.skipIf(!inject("local"))("certificates that the controllers make themselves", () => {
  let agents = 0;
  const issuing = async (address?: string): Promise<ControllerProgram> =>
    bed.started(await bed.stage.programs.startController({ issues: true, ...(address && { address }) }));
  const caFile = (): string => join(bed.stage.programs.folder, "from-configmap.crt");
  /** As a kubelet does it, a while after. */
  const project = async (): Promise<void> => writeFile(caFile(), await authorities(bed.stage.cluster));
  const agentOf = async (controller: ControllerProgram): Promise<Program> => {
    const token = await bed.stage.programs.agentToken(node);
    const given = { node, token, caFile: caFile(), serverName: controllerHost, controller };
    return bed.started(await agentWith(bed.stage.programs, `agent-${++agents}`, given));
  };

  it("need nothing but the shipped manifests: leader and standby serve the same, and an agent knows them by the ConfigMap", async () => {
    const { cluster } = bed.stage;
    await installIdentity(cluster);
    const [leader, standby] = [await issuing(), await issuing()];
    const ca = await eventually(
      "authorities",
      () => authorities(cluster),
      (text) => countIn(text) === 1,
    );
    await project();
    const serials = await eventually(
      "both to serve",
      () => Promise.all([leader, standby].map((one) => serialOf(one, ca).catch(() => ""))),
      ([one, other]) => one !== "" && one === other,
    );
    expect(new Set(serials).size).toBe(1);
    await agentOf(leader);
    await agentConnected(leader);
    const keys = await cluster.kubectl("-n", "walras-system", "get", "secret", "walras-tls", "-o", "jsonpath={.data}");
    expect(Object.keys(JSON.parse(keys) as object)).toEqual(expect.arrayContaining(["tls.crt", "tls.key", "ca.crt"]));
    const until = /^walras_tls_certificate_expiry_seconds (\S+)$/m.exec(await leader.metrics())?.[1];
    expect(Math.round((Number(until) * 1000 - Date.now()) / 86_400_000)).toBe(90);
    await eventually(
      "it to be told on the Secret",
      () => cluster.eventReasons("walras-system", "walras-tls"),
      (reasons) => reasons.includes("AgentCertificate"),
    );
  });

  it("are renewed without a restart: the stream goes on, and who comes again trusts both", async () => {
    const { cluster, programs } = bed.stage;
    await installIdentity(cluster);
    await storeEnding(cluster, programs.folder, 50 * 60_000);
    await project();
    const first = await authorities(cluster);
    const controller = await issuing("127.0.0.1:18443");
    // An agent that comes before there is a leader is sent away, and says so.
    await eventually(
      "it to lead",
      () => controller.metrics(),
      (text) => /^walras_leader 1$/m.test(text),
    );
    const before = await eventually(
      "the first certificate to be served",
      () => serialOf(controller, first).catch(() => ""),
      (serial) => serial !== "",
    );
    const agent = await agentOf(controller);
    await agentConnected(controller);
    const both = await eventually(
      "two authorities",
      () => authorities(cluster),
      (text) => countIn(text) === 2,
      60_000,
    );
    await project();
    await eventually(
      "the next certificate to be served",
      () => serialOf(controller, both),
      (serial) => serial !== before,
      90_000,
    );
    expect(await controller.metrics()).toMatch(/^walras_agents 1$/m);
    expect(await agent.log()).not.toContain("no stream to a controller");
    await controller.kill("SIGKILL");
    await cluster.kubectl("-n", "walras-system", "delete", "lease", "walras-controller", "--ignore-not-found");
    const next = await issuing("127.0.0.1:18443");
    await agentConnected(next);
    expect(countIn(await authorities(cluster))).toBe(2);
  });
});
