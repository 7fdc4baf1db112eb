import { existsSync } from "node:fs";
import { join } from "node:path";

import { resources } from "@walras/kube";
import { afterAll, beforeAll, describe, expect, inject, it } from "vitest";

import { agentWith, expired } from "../harness/identity.ts";
import { identityBed, node } from "../harness/identityBed.ts";
import { agentConnected, type ControllerProgram } from "../harness/programs.ts";
import { eventually } from "../harness/wait.ts";

/** The API server's key, where it runs on this machine. */
const signingKey = join(process.env["TESTBED_HOME"] ?? "/var/tmp/testbed", "pki", "sa.key");
const bed = identityBed("identity-agents");

describe.skipIf(!inject("local"))("an agent that is not who it says", () => {
  let controller: ControllerProgram;
  const other = "node-elsewhere";
  const ca = (): string => join(bed.stage.programs.folder, "ca.crt");

  beforeAll(async () => {
    if (!bed.stage) return;
    await bed.stage.cluster.create(resources.node, "", { metadata: { name: other } });
  });

  afterAll(async () => {
    if (bed.stage) await bed.stage.cluster.kubectl("delete", "node", other, "--ignore-not-found");
  });

  const tokenFor = (...args: string[]): Promise<string> =>
    bed.stage.cluster.kubectl("-n", "walras-system", "create", "token", ...args);

  const reviewed = async (token: string): Promise<boolean> => {
    const spec = { token, audiences: ["walras-controller"] };
    const body = { apiVersion: "authentication.k8s.io/v1", kind: "TokenReview", spec };
    const path = "/apis/authentication.k8s.io/v1/tokenreviews";
    const answer = await bed.stage.cluster.transport.send({ method: "POST", path, body });
    return (answer as { readonly status: { readonly authenticated?: boolean } }).status.authenticated === true;
  };

  const cases: readonly (readonly [string, string, () => Promise<string | null>, string])[] = [
    ["has no token", node, () => Promise.resolve(null), "no bearer token"],
    [
      "has another node's token",
      node,
      () => bed.stage.programs.agentToken(other),
      `an agent of node ${other} cannot speak for node ${node}`,
    ],
    [
      "claims another node than its own",
      other,
      () => bed.stage.programs.agentToken(node),
      `an agent of node ${node} cannot speak for node ${other}`,
    ],
    ["has a token for the API server", node, () => tokenFor("walras-agent"), "the token is not"],
    [
      "has a token that is bound to no node",
      node,
      () => tokenFor("walras-agent", "--audience=walras-controller"),
      "the token is not bound to a node",
    ],
    [
      "is another service account",
      node,
      () => tokenFor("default", "--audience=walras-controller"),
      "the token is not system:serviceaccount:walras-system:walras-agent's",
    ],
    ["has made its token up", node, () => Promise.resolve("e30.e30.e30"), "the token is not valid"],
    ...(existsSync(signingKey) || !inject("local")
      ? [
          [
            "has a token that has expired",
            node,
            async () => expired(await bed.stage.programs.agentToken(node), signingKey),
            "the token is not valid",
          ] as const,
        ]
      : []),
  ];

  it.each(cases)("and %s is turned away, told why, and logged", async (title, claims, tokenOf, reason) => {
    const { programs } = bed.stage;
    controller = bed.started(await programs.startController({ mode: "recommend" }));
    const token = await tokenOf();
    const name = `agent-that-${title.replaceAll(" ", "-")}`;
    const given = { node: claims, token, caFile: ca(), serverName: "localhost", controller };
    const agent = bed.started(await agentWith(programs, name, given));
    await eventually(
      "the agent to be told",
      () => agent.log(),
      (text) => text.includes(reason),
    );
    const line = (await controller.log()).split("\n").find((one) => one.includes('"agent turned away"'));
    expect(JSON.parse(line ?? "{}")).toMatchObject({
      node: claims,
      error: expect.stringContaining(reason) as string,
    });
    expect(await controller.metrics()).toMatch(/^walras_agents 0$/m);
    expect(`${await controller.log()}${await agent.log()}`).not.toContain(token ?? "Bearer");
  });

  it("and whose pod is gone is turned away by the token that was good before", async () => {
    const { cluster, programs } = bed.stage;
    const spec = {
      nodeName: node,
      serviceAccountName: "walras-agent",
      containers: [{ name: "app", image: cluster.target.loadImage, imagePullPolicy: "Never", args: ["0"] }],
    };
    await cluster.create(resources.pod, "walras-system", { metadata: { name: "an-agent" }, spec });
    const { uid } = (await cluster.pod("walras-system", "an-agent")).metadata;
    const bound = ["--bound-object-kind=Pod", "--bound-object-name=an-agent", `--bound-object-uid=${uid}`];
    const token = await tokenFor("walras-agent", "--audience=walras-controller", ...bound);
    controller = bed.started(await programs.startController({ mode: "recommend" }));
    const given = { node, token, caFile: ca(), serverName: "localhost", controller };
    const agent = bed.started(await agentWith(programs, "agent-of-a-pod", given));
    await agentConnected(controller);
    await agent.kill("SIGKILL");
    await cluster.kubectl("-n", "walras-system", "delete", "pod", "an-agent", "--force", "--grace-period=0");
    // The API server remembers for some seconds what it has said of a token.
    await eventually(
      "the token to be nobody's",
      () => reviewed(token),
      (authenticated) => !authenticated,
    );
    const fresh = bed.started(
      await programs.startController({ mode: "recommend", args: ["--lease-name=walras-second"] }),
    );
    const ghost = bed.started(await agentWith(programs, "agent-of-no-pod", { ...given, controller: fresh }));
    await eventually(
      "the agent to be told",
      () => ghost.log(),
      (text) => text.includes("the token is not valid"),
    );
    expect(await fresh.metrics()).toMatch(/^walras_agents 0$/m);
    await cluster.kubectl("-n", "walras-system", "delete", "lease", "walras-second", "--ignore-not-found");
  });
});
