import type { Complain, Finding } from "./finding.ts";
import type { Application, Map, Project } from "./model.ts";

/** An Application, where it comes from, and what its chart makes. */
export interface Deployed {
  readonly application: Application;
  /** Of the file that it is generated from. */
  readonly complain: Complain;
  /** Where its spec stands there. */
  readonly field: string;
  /** null: not rendered. */
  readonly objects: readonly Map[] | null;
}

/** Kinds that belong to no namespace, of those that charts here make. */
const clusterWide = new Set([
  "CustomResourceDefinition",
  "ClusterRole",
  "ClusterRoleBinding",
  "MutatingWebhookConfiguration",
  "Namespace",
  "PriorityClass",
  "ValidatingWebhookConfiguration",
]);

const lists = ["clusterResourceWhitelist", "namespaceResourceWhitelist"] as const;

/** Whether the project of an Application lets it be, and all that its chart makes. */
export function checkApplication(deployed: Deployed, projects: ReadonlyMap<string, Project>): readonly Finding[] {
  const { application, complain, field } = deployed;
  const { project: name, source, destination } = application.spec;
  const project = projects.get(name);
  if (project === undefined)
    return [complain(`${field}.project`, name, `is not one of the projects ${[...projects.keys()].join(", ")}`)];
  const { sourceRepos = [], destinations = [] } = project.spec;
  const isPlace = destinations.some(
    ({ server = "", namespace = "" }) =>
      globbed(server, destination.server) && globbed(namespace, destination.namespace),
  );
  const place = `${destination.namespace} at ${destination.server}`;
  return [
    ...(sourceRepos.some((glob) => globbed(glob, source.repoURL))
      ? []
      : [complain(`${field}.source.repoURL`, source.repoURL, `is not among sourceRepos of the project ${name}`)]),
    ...(isPlace ? [] : [complain(`${field}.destination`, place, `is not among destinations of the project ${name}`)]),
    ...checkKinds(deployed, project),
  ];
}

function checkKinds(
  { application, complain, field, objects }: Deployed,
  { metadata, spec }: Project,
): readonly Finding[] {
  const made = [...kindsOf(application, objects ?? [])];
  return made.flatMap((kind) => {
    const list = listOf(kind);
    const isListed = spec[list]?.some((entry) => nameOf(entry.group, entry.kind) === kind) ?? false;
    const { path } = application.spec.source;
    return isListed
      ? []
      : [
          complain(
            `${field}.source.path`,
            path,
            `makes ${kind}, which is not in ${list} of the project ${metadata.name}`,
          ),
        ];
  });
}

/** What a project allows though nobody makes it: too much, or a kind that does not exist. */
export function checkProject(project: Project, complain: Complain, deployed: readonly Deployed[]): readonly Finding[] {
  const own = deployed.filter(({ application }) => application.spec.project === project.metadata.name);
  // What is not rendered is not known.
  if (own.some(({ objects }) => objects === null)) return [];
  const made = new Set(own.flatMap(({ application, objects }) => [...kindsOf(application, objects ?? [])]));
  return lists.flatMap((list) =>
    (project.spec[list] ?? []).flatMap(({ group, kind }, index) => {
      const name = nameOf(group, kind);
      const field = `spec.${list}[${index}]`;
      if (!made.has(name)) return [complain(field, name, "is made by no chart of the project's Applications")];
      return listOf(name) === list ? [] : [complain(field, name, `belongs in ${listOf(name)}`)];
    }),
  );
}

/** `apps/Deployment`, of everything that is made; a namespace too, where Argo CD is told to make it. */
function kindsOf({ spec }: Application, objects: readonly Map[]): ReadonlySet<string> {
  const made = objects.map(({ apiVersion, kind }) => {
    const parts = String(apiVersion).split("/");
    return nameOf(parts.length > 1 ? (parts[0] ?? "") : "", String(kind));
  });
  return new Set([...made, ...(spec.syncPolicy?.syncOptions?.includes("CreateNamespace=true") ? ["Namespace"] : [])]);
}

function listOf(name: string): (typeof lists)[number] {
  return clusterWide.has(name.split("/").at(-1) ?? "") ? "clusterResourceWhitelist" : "namespaceResourceWhitelist";
}

const nameOf = (group: string, kind: string): string => (group === "" ? kind : `${group}/${kind}`);

function globbed(glob: string, text: string): boolean {
  const pattern = glob
    .split("*")
    .map((part) => part.replaceAll(/[.+?^${}()|[\]\\]/g, "\\$&"))
    .join(".*");
  return new RegExp(`^${pattern}$`).test(text);
}
