import { type ArgoCluster, parametersOf, selects, type Selector } from "./clusters.ts";
import type { Complain, Finding } from "./finding.ts";
import type { Charts } from "./helm.ts";
import type { Application, Map, Source } from "./model.ts";
import type { Deployed } from "./projects.ts";
import { checkSchema, type Schemas } from "./schema.ts";
import { fillAll, TemplateError } from "./template.ts";

/** What there is to make Applications of. */
export interface Ground {
  readonly schemas: Schemas;
  readonly clusters: readonly ArgoCluster[];
  /** null: charts are not rendered, and nothing is said of them. */
  readonly charts: Charts | null;
}

/** Applications, and what keeps others from being made. */
interface Made {
  readonly deployed: readonly Deployed[];
  readonly findings: readonly Finding[];
}

interface ApplicationSet {
  readonly spec: {
    readonly generators?: readonly { readonly clusters?: { readonly selector?: Selector } }[];
    readonly template: Map;
  };
}

const nothing: Made = { deployed: [], findings: [] };

/** The Applications of a set for all clusters that it selects, and those that they make themselves. */
export async function applicationsOf({ object, complain }: Source, ground: Ground): Promise<Made> {
  const { generators = [], template } = (object as unknown as ApplicationSet).spec;
  const made: Made[] = [];
  for (const [index, { clusters }] of generators.entries()) {
    if (clusters === undefined) continue;
    const { selector = {} } = clusters;
    const chosen = ground.clusters.filter(({ labels }) => selects(selector, labels));
    const field = `spec.generators[${index}].clusters.selector`;
    const complaint = `selects none of ${listed(ground.clusters)}: no Application is made`;
    if (chosen.length === 0) made.push({ deployed: [], findings: [complain(field, selector, complaint)] });
    for (const cluster of chosen) made.push(await generate(template, cluster, complain, ground));
  }
  return together(made);
}

async function generate(template: Map, cluster: ArgoCluster, complain: Complain, ground: Ground): Promise<Made> {
  try {
    const application = fillAll(template, parametersOf(cluster)) as unknown as Application;
    return await deploy({ application, complain, field: "spec.template.spec", objects: null }, ground);
  } catch (error) {
    if (!(error instanceof TemplateError)) throw error;
    return { deployed: [], findings: [complain("spec.template", cluster.name, error.message)] };
  }
}

/** Renders an Application's chart; Applications that it makes are deployed too. */
async function deploy(one: Deployed, ground: Ground): Promise<Made> {
  const { application, complain, field } = one;
  const { source, destination } = application.spec;
  const { valuesObject: values = {}, releaseName: name = application.metadata.name } = source.helm ?? {};
  const release = { chart: source.path, name, namespace: destination.namespace, values };
  try {
    const objects = ground.charts && (await ground.charts.render(release));
    const made: Made[] = [{ deployed: [{ ...one, objects }], findings: [] }];
    for (const object of objects ?? [])
      if (object["kind"] === "Application") made.push(await within(object, one, ground));
    return together(made);
  } catch (error) {
    const words = error instanceof Error ? error.message : String(error);
    return { ...nothing, findings: [complain(`${field}.source.path`, source.path, `cannot be rendered: ${words}`)] };
  }
}

/** An Application that another's chart makes. */
async function within(object: Map, { application: parent, complain }: Deployed, ground: Ground): Promise<Made> {
  const application = object as unknown as Application;
  const place = `${parent.spec.source.path}: ${application.metadata.name}`;
  const findings = checkSchema(object, "Application", ground.schemas, (field, value, complaint) =>
    complain(`${place}: ${field}`, value, complaint),
  );
  if (findings.length > 0) return { deployed: [], findings };
  return await deploy({ application, complain, field: `${place}: spec`, objects: null }, ground);
}

function together(made: readonly Made[]): Made {
  return { deployed: made.flatMap(({ deployed }) => deployed), findings: made.flatMap(({ findings }) => findings) };
}

function listed(clusters: readonly ArgoCluster[]): string {
  if (clusters.length === 0) return "no cluster at all";
  const labelled = clusters.map(({ name, labels }) => {
    const pairs = Object.entries(labels).map(([key, value]) => `${key}=${value}`);
    return `${name} (${pairs.join(", ")})`;
  });
  return labelled.join(", ");
}
