import { application as untilCompared, carlaToken, createApplication, createProject, GitRepository } from "../argo.ts";
import { BatchJobs } from "../batchJobs.ts";
import { createDouble, DoubleMachines } from "../gpuDouble.ts";
import { agentImage, controllerImage } from "../images.ts";
import { IntentStage } from "../intents.ts";
import { StandInPrometheus } from "../prometheus.ts";
import { openStage, type Stage } from "../stage.ts";
import { ArgoDoor } from "./argoDoor.ts";
import { images, writeOverlay } from "./overlay.ts";
import { removeShipped, saveLogs } from "./shipped.ts";
import { application, type World } from "./work.ts";

const system = "walras-system";
const project = "walras-shipped";
/** Of this machine, as pods see it. */
const host = "10.244.1.1";

/** A cluster of two nodes with KEDA and Argo CD, and everything of ours in it as pods of the built images. */
export class ShipBed {
  readonly world: World;
  readonly #stage: Stage;
  readonly #door: ArgoDoor;
  readonly #prometheus: StandInPrometheus;

  private constructor(world: World, door: ArgoDoor, prometheus: StandInPrometheus) {
    this.world = world;
    this.#stage = world.stage;
    this.#door = door;
    this.#prometheus = prometheus;
  }

  static async open(): Promise<ShipBed> {
    const stage = await openStage("ship");
    const nodes = await startNodes(stage);
    const prometheus = await StandInPrometheus.start("0.0.0.0");
    prometheus.measured(0.032, 10);
    const intents = new IntentStage(stage, { url: prometheus.urlFrom(host) });
    const door = await ArgoDoor.open(host);
    const repository = await createReleases(stage);
    const machines = new DoubleMachines(stage.cluster);
    const world = { stage, nodes, jobs: new BatchJobs(stage), intents, repository, machines };
    const bed = new ShipBed(world, door, prometheus);
    await bed.#install();
    return bed;
  }

  async #install(): Promise<void> {
    const { cluster, programs } = this.#stage;
    await this.world.intents.configured();
    await this.world.intents.profile("p99", "latency");
    await this.world.intents.profile("rps", "throughput");
    const argo = { url: this.#door.url, authority: this.#door.authority, token: await carlaToken() };
    await writeOverlay({ folder: programs.folder, argo }, application);
    await createDouble(cluster, system);
    // Whoever led before is not one of those that are followed here.
    await cluster.kubectl("-n", system, "delete", "lease", "walras-controller", "--ignore-not-found");
    await cluster.kubectl("apply", "--server-side", "--force-conflicts", "-k", programs.folder);
  }

  /** Where KEDA, which is no pod here, asks. */
  async scalerAddress(): Promise<string> {
    const path = "jsonpath={.spec.clusterIP}:{.spec.ports[0].port}";
    return this.#stage.cluster.kubectl("-n", system, "get", "service", "walras-controller-scaler", "-o", path);
  }

  async close(): Promise<void> {
    const { cluster } = this.#stage;
    const plane = cluster.target.controlPlane;
    await saveLogs(cluster, this.#stage.programs.folder);
    await this.world.jobs.remove().catch(() => undefined);
    await cluster.kubectl("-n", "argocd", "delete", "application", application, "--ignore-not-found");
    await cluster.kubectl("-n", "argocd", "delete", "appproject", project, "--ignore-not-found");
    await removeShipped(cluster);
    await plane?.stopKeda();
    await plane?.stopArgo("all");
    await this.world.repository.remove();
    this.#door.close();
    this.#prometheus.stop();
    await this.#stage.close();
    await plane?.stopNode(2);
  }
}

async function startNodes({ cluster }: Stage): Promise<readonly string[]> {
  const plane = cluster.target.controlPlane;
  const nodes = ["node1", (await plane?.startNode(2)) ?? ""];
  await plane?.loadImage(nodes, await controllerImage(images.controller));
  await plane?.loadImage(nodes, await agentImage(images.agent));
  await plane?.startKeda();
  await plane?.startArgo();
  await cluster.kubectl("label", "node", "node2", "gpu-node-name=alpha", "posture/eligible=true", "--overwrite");
  return nodes;
}

async function createReleases({ cluster, namespace: into }: Stage): Promise<GitRepository> {
  await createProject(cluster, project);
  const repository = await GitRepository.create();
  await repository.commit({ "shipped/cm.yaml": "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: shipped}\n" });
  const where = { namespace: "argocd", project, url: repository.url, paths: ["shipped"], into };
  await createApplication(cluster, { name: application, ...where });
  await untilCompared(cluster, ["argocd", application], "OutOfSync");
  return repository;
}
