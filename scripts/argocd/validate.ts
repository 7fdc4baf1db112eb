import { type ArgoCluster, clusterOf } from "./clusters.ts";
import type { Finding } from "./finding.ts";
import { applicationsOf, type Ground } from "./generate.ts";
import { checkMaps } from "./map.ts";
import type { Project, Source } from "./model.ts";
import { checkApplication, checkProject } from "./projects.ts";
import { checkSchema } from "./schema.ts";

export interface World extends Ground {
  /** Names and logical names of nodes; null: not known. */
  readonly nodes: ReadonlySet<string> | null;
}

/** Everything that is wrong with the objects of some files. Each is checked, whatever is wrong with another. */
export async function validate(sources: readonly Source[], world: World): Promise<readonly Finding[]> {
  const { clusters, findings: ofSecrets } = readClusters(sources.filter(isSecret));
  const judged = sources
    .filter((source) => !isSecret(source))
    .map((source) => ({ source, wrong: ofSchema(source, world) }));
  const findings = [...ofSecrets, ...judged.flatMap(({ wrong }) => wrong)];
  const sound = judged.flatMap(({ source, wrong }) => (wrong.length === 0 ? source : []));
  const ground: Ground = { ...world, clusters: [...clusters, ...world.clusters] };
  const sets = sound.filter(({ object }) => object.kind === "ApplicationSet");
  findings.push(...sets.flatMap(({ object, complain }) => checkMaps(object, world.nodes, complain)));
  const made = await Promise.all(sets.map((set) => applicationsOf(set, ground)));
  const deployed = made.flatMap((one) => one.deployed);
  const projects = sound.filter(({ object }) => object.kind === "AppProject");
  const byName = new Map(projects.map((source) => [projectOf(source).metadata.name, projectOf(source)]));
  const unmade = made.flatMap((one) => one.findings);
  findings.push(...unmade, ...deployed.flatMap((one) => checkApplication(one, byName)));
  // While an Application is not known, nothing that its project allows can be called too much.
  if (unmade.length === 0 && sets.length === countOf(sources, "ApplicationSet"))
    findings.push(...projects.flatMap((source) => checkProject(projectOf(source), source.complain, deployed)));
  return distinct(findings);
}

const countOf = (sources: readonly Source[], kind: string): number =>
  sources.filter(({ object }) => object.kind === kind).length;
const isSecret = ({ object }: Source): boolean => object.kind === "Secret";
const projectOf = ({ object }: Source): Project => object as unknown as Project;

function ofSchema({ object, complain }: Source, { schemas }: World): readonly Finding[] {
  return checkSchema(object, object.kind, schemas, complain);
}

function readClusters(secrets: readonly Source[]): { clusters: readonly ArgoCluster[]; findings: readonly Finding[] } {
  const read = secrets.map(clusterOf);
  return {
    clusters: read.flatMap((one) => ("server" in one ? one : [])),
    findings: read.flatMap((one) => ("server" in one ? [] : one)),
  };
}

/** What is generated for several clusters is wrong in one place. */
function distinct(findings: readonly Finding[]): readonly Finding[] {
  return [...new Map(findings.map((finding) => [JSON.stringify(finding), finding])).values()];
}
