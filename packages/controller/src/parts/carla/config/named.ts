import type { AppPolicy, ReleaseConfig } from "./policy.ts";

/** Which Application. */
export interface ApplicationName {
  readonly namespace: string;
  readonly name: string;
}

/** The Application object of an application of apps.yaml. No object's name has a slash. */
export function refOf({ name, namespace }: AppPolicy, { policy }: Pick<ReleaseConfig, "policy">): ApplicationName {
  return { namespace: namespace ?? policy.argo.appNamespace, name: name.slice(name.indexOf("/") + 1) };
}

/** What a text means among applications: "namespace/name" one, a name every one of that name. */
export type Meaning<Item> = (written: string) => readonly Item[];

/** The meanings of texts among these; those of one key are all meant by it. */
export function meaningsAmong<Item extends ApplicationName>(items: readonly Item[]): Meaning<Item> {
  const meant = new Map<string, Item[]>();
  for (const item of items) {
    for (const written of [item.name, `${item.namespace}/${item.name}`]) {
      const known = meant.get(written);
      if (known) known.push(item);
      else meant.set(written, [item]);
    }
  }
  return (written) => meant.get(written) ?? [];
}

/** Why a text does not mean one application, by the names of those it means; null: it does. */
export function complaintOfMeaning(meant: readonly string[]): string | null {
  const told = [...new Set(meant)];
  if (told.length === 0) return "is not the name of an application";
  return told.length === 1 ? null : `may be ${told.join(" or ")}: write which`;
}

/** The applications of a configuration that a text means, by the names under which they are told of. */
export function applicationsIn(config: Pick<ReleaseConfig, "apps" | "policy">): Meaning<string> {
  const meaning = meaningsAmong(config.apps.map((app) => ({ ...refOf(app, config), told: app.name })));
  return (written) => meaning(written).map(({ told }) => told);
}
