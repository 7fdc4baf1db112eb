import { existsSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";

import { describeError } from "@walras/kit";
import { resources } from "@walras/kube";
import { afterAll, afterEach, beforeAll, describe, expect, inject, it } from "vitest";

import {
  agentWith,
  authorities,
  controllerHost,
  countIn,
  expired,
  installIdentity,
  serialOf,
  storeEnding,
} from "../harness/identity.ts";
import type { ControllerProgram, Program } from "../harness/programs.ts";
import { openStage, type Stage } from "../harness/stage.ts";
import { eventually } from "../harness/wait.ts";

const deploy = join(import.meta.dirname, "..", "..", "deploy");
/** The API server's key, where it runs on this machine. */
const signingKey = join(process.env["TESTBED_HOME"] ?? "/var/tmp/testbed", "pki", "sa.key");
const node = "node1";
let stage: Stage;
let running: Program[] = [];

function started<T extends Program>(program: T): T {
  running.push(program);
  return program;
}

const isConnected = (text: string): boolean => /^walras_agents 1$/m.test(text);
const connected = (controller: ControllerProgram): Promise<string> =>
  eventually("the agent to connect", () => controller.metrics(), isConnected);

beforeAll(async () => {
  if (inject("local")) stage = await openStage("identity");
});

afterAll(() => stage?.close());

afterEach(async () => {
  for (const program of running) await program.kill("SIGKILL");
  running = [];
  if (stage) await stage.cluster.kubectl("-n", "walras-system", "delete", "lease", "walras-controller", "--ignore-not-found");
});

describe.skipIf(!inject("local"))("certificates that the controllers make themselves", () => {
  const issuing = async (address?: string): Promise<ControllerProgram> =>
    started(await stage.programs.startController({ issues: true, ...(address && { address }) }));
  const caFile = (): string => join(stage.programs.folder, "from-configmap.crt");
  /** As a kubelet does it, a while after. */
  const project = async (): Promise<void> => writeFile(caFile(), await authorities(stage.cluster));
  const agentOf = async (controller: ControllerProgram): Promise<Program> => {
    const token = await stage.programs.agentToken(node);
    const given = { node, token, caFile: caFile(), serverName: controllerHost, controller };
    return started(await agentWith(stage.programs, `agent-${running.length}`, given));
  };

  it("need nothing but the shipped manifests: leader and standby serve the same, and an agent knows them by the ConfigMap", async () => {
    const { cluster } = stage;
    await installIdentity(cluster);
    const [leader, standby] = [await issuing(), await issuing()];
    const ca = await eventually("authorities", () => authorities(cluster), (text) => countIn(text) === 1);
    await project();
    const serials = await eventually(
      "both to serve",
      () => Promise.all([leader, standby].map((one) => serialOf(one, ca).catch(() => ""))),
      ([one, other]) => one !== "" && one === other,
    );
    expect(new Set(serials).size).toBe(1);
    await agentOf(leader);
    await connected(leader);
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
    const { cluster, programs } = stage;
    await installIdentity(cluster);
    await storeEnding(cluster, programs.folder, 50 * 60_000);
    await project();
    const first = await authorities(cluster);
    const controller = await issuing("127.0.0.1:18443");
    const agent = await agentOf(controller);
    await connected(controller);
    const before = await serialOf(controller, first);
    const both = await eventually("two authorities", () => authorities(cluster), (text) => countIn(text) === 2, 60_000);
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
    await connected(next);
    expect(countIn(await authorities(cluster))).toBe(2);
  });
});

describe.skipIf(!inject("local"))("what keeps others from what is the controller's", () => {
  const resource = ["allocation.mbcas.io", "podallocations"] as const;
  const own = "--as=system:serviceaccount:walras-system:walras-controller";
  const name = "guarded";
  const refusal = (...args: string[]): Promise<string> =>
    stage.cluster.kubectl("-n", stage.namespace, ...args).then(() => "done", describeError);
  const patch = (spec: object, ...more: string[]): Promise<string> =>
    refusal("patch", `${resource[1]}.${resource[0]}`, name, "--type=merge", "-p", JSON.stringify(spec), ...more);
  const create = async (...more: string[]): Promise<string> => {
    const file = join(stage.programs.folder, "allocation.yaml");
    const spec = { namespace: stage.namespace, podName: "web", podUID: "u", desiredCPURequest: "10m", containers: [] };
    const metadata = { name, namespace: stage.namespace };
    await writeFile(file, JSON.stringify({ apiVersion: `${resource[0]}/v1alpha1`, kind: "PodAllocation", metadata, spec }));
    return refusal("create", "-f", file, ...more);
  };
  const alone = /spec and status of a PodAllocation are written by system:serviceaccount:walras-system:walras-controller alone, not by /;

  beforeAll(async () => {
    if (!stage) return;
    await stage.cluster.kubectl("apply", "-k", join(deploy, "kustomize", "policies"));
    await eventually("the policies to hold", () => create("--dry-run=server"), (said) => alone.test(said));
  });

  afterAll(async () => {
    if (stage) await stage.cluster.kubectl("delete", "-k", join(deploy, "kustomize", "policies"), "--ignore-not-found");
  });

  it("lets nobody but the controller write spec and status of a PodAllocation, and everybody its labels", async () => {
    expect(await create()).toMatch(alone);
    expect(await create(own)).toBe("done");
    expect(await patch({ spec: { desiredCPURequest: "9" } })).toMatch(alone);
    expect(await patch({ status: { phase: "Applied" } }, "--subresource=status")).toMatch(alone);
    expect(await patch({ metadata: { labels: { team: "a" } } })).toBe("done");
    expect(await patch({ spec: { desiredCPURequest: "20m" } }, own)).toBe("done");
    expect(await patch({ status: { phase: "Applied" } }, "--subresource=status", own)).toBe("done");
    expect(await refusal("delete", `${resource[1]}.${resource[0]}`, name)).toBe("done");
  });

  it("lets the real controller write what it has to", async () => {
    const { cluster, namespace, programs } = stage;
    const controller = started(await programs.startController({ mode: "recommend" }));
    started(await programs.startAgent(node, [controller]));
    await cluster.create(resources.pod, namespace, {
      metadata: { name: "web", labels: { "mbcas.io/managed": "true" } },
      spec: {
        nodeName: node,
        containers: [
          {
            name: "app",
            image: cluster.target.loadImage,
            imagePullPolicy: "Never",
            args: ["0.05"],
            resources: { requests: { cpu: "100m" }, limits: { cpu: "200m" } },
          },
        ],
      },
    });
    await eventually(
      "an allocation with status",
      () => cluster.allocation(namespace, "web"),
      (found) => found?.status?.reason === "Recommended",
      60_000,
    );
    await cluster.deletePod(namespace, "web");
  });

  it("lets a namespace leave the market only where that is said to be meant", async () => {
    const { namespace } = stage;
    const label = (text: string): Promise<string> => refusal("label", "namespace", namespace, text, "--overwrite");
    const annotate = (text: string): Promise<string> => refusal("annotate", "namespace", namespace, text, "--overwrite");
    const slip = new RegExp(`all pods of namespace ${namespace} would leave the market: annotate it with mbcas.io/opt-out=true`);
    expect(await label("mbcas.io/managed=true")).toBe("done");
    expect(await label("mbcas.io/managed-")).toMatch(slip);
    expect(await label("mbcas.io/managed=false")).toMatch(slip);
    expect(await label("team=a")).toBe("done");
    expect(await annotate("mbcas.io/opt-out=true")).toBe("done");
    expect(await label("mbcas.io/managed-")).toBe("done");
    expect(await label("mbcas.io/managed=true")).toMatch(/remove that before its pods enter the market/);
    expect(await annotate("mbcas.io/opt-out-")).toBe("done");
    expect(await label("mbcas.io/managed=true")).toBe("done");
    expect(await annotate("mbcas.io/opt-out=true")).toBe("done");
  });
});

describe.skipIf(!inject("local"))("an agent that is not who it says", () => {
  let controller: ControllerProgram;
  const other = "node-elsewhere";
  const ca = (): string => join(stage.programs.folder, "ca.crt");

  beforeAll(async () => {
    if (!stage) return;
    await stage.cluster.create(resources.node, "", { metadata: { name: other } });
  });

  afterAll(async () => {
    if (stage) await stage.cluster.kubectl("delete", "node", other, "--ignore-not-found");
  });

  const tokenFor = (...args: string[]): Promise<string> =>
    stage.cluster.kubectl("-n", "walras-system", "create", "token", ...args);

  const cases: readonly (readonly [string, string, () => Promise<string | null>, string])[] = [
    ["has no token", node, () => Promise.resolve(null), "no bearer token"],
    ["has another node's token", node, () => stage.programs.agentToken(other), `an agent of node ${other} cannot speak for node ${node}`],
    ["claims another node than its own", other, () => stage.programs.agentToken(node), `an agent of node ${node} cannot speak for node ${other}`],
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
            async () => expired(await stage.programs.agentToken(node), signingKey),
            "the token is not valid",
          ] as const,
        ]
      : []),
  ];

  it.each(cases)("and %s is turned away, told why, and logged", async (title, claims, tokenOf, reason) => {
    const { programs } = stage;
    controller = started(await programs.startController({ mode: "recommend" }));
    const token = await tokenOf();
    const name = `agent-that-${title.replaceAll(" ", "-")}`;
    const given = { node: claims, token, caFile: ca(), serverName: "localhost", controller };
    const agent = started(await agentWith(programs, name, given));
    await eventually("the agent to be told", () => agent.log(), (text) => text.includes(reason));
    const lines = (await controller.log()).split("\n").filter((line) => line.includes('"agent turned away"'));
    expect(JSON.parse(lines[0] ?? "{}")).toMatchObject({ node: claims, error: expect.stringContaining(reason) as string });
    expect(await controller.metrics()).toMatch(/^walras_agents 0$/m);
    expect(`${await controller.log()}${await agent.log()}`).not.toContain(token ?? "Bearer");
  });

  it("and whose pod is gone is turned away by the token that was good before", async () => {
    const { cluster, programs } = stage;
    const spec = {
      nodeName: node,
      serviceAccountName: "walras-agent",
      containers: [{ name: "app", image: cluster.target.loadImage, imagePullPolicy: "Never", args: ["0"] }],
    };
    await cluster.create(resources.pod, "walras-system", { metadata: { name: "an-agent" }, spec });
    const { uid } = (await cluster.pod("walras-system", "an-agent")).metadata;
    const bound = ["--bound-object-kind=Pod", "--bound-object-name=an-agent", `--bound-object-uid=${uid}`];
    const token = await tokenFor("walras-agent", "--audience=walras-controller", ...bound);
    controller = started(await programs.startController({ mode: "recommend" }));
    const given = { node, token, caFile: ca(), serverName: "localhost", controller };
    const agent = started(await agentWith(programs, "agent-of-a-pod", given));
    await connected(controller);
    await agent.kill("SIGKILL");
    await cluster.kubectl("-n", "walras-system", "delete", "pod", "an-agent", "--force", "--grace-period=0");
    const fresh = started(await programs.startController({ mode: "recommend", args: ["--lease-name=walras-second"] }));
    const ghost = started(await agentWith(programs, "agent-of-no-pod", { ...given, controller: fresh }));
    await eventually("the agent to be told", () => ghost.log(), (text) => text.includes("the token is not valid"));
    expect(await fresh.metrics()).toMatch(/^walras_agents 0$/m);
    await cluster.kubectl("-n", "walras-system", "delete", "lease", "walras-second", "--ignore-not-found");
  });
});
