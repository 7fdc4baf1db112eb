import type { Store } from "@walras/kube";

import type { ObjectRef } from "../../../base/told/decision.ts";
import type { QueriesConfig } from "../config/queries.ts";
import type { KpiType, Profile } from "../decide/snapshot.ts";
import type { ProfileObject } from "./objects/profile.ts";

/** How a KPI is measured. */
export type Way =
  /** By a query of the planner's own, with places for the workload. */
  | { readonly kind: "template"; readonly query: string; readonly endpoint: string }
  /** By a query of the profile's own, as it is. */
  | { readonly kind: "external"; readonly query: string; readonly endpoint: string }
  /** Out of what became of the pods. */
  | { readonly kind: "pods" }
  /** By what agents say of the containers. */
  | { readonly kind: "agents"; readonly of: AgentKpi };

/** What agents measure: cores in use by all pods together, or the greatest part of a container's time that its limit took. */
export type AgentKpi = "cpu" | "throttled";

/** How a profile asks for it, in place of PromQL. */
const agentQueries: Readonly<Record<string, AgentKpi>> = { "walras:cpu": "cpu", "walras:throttled": "throttled" };

/** A profile, and what is to be written on it. */
export interface SeenProfile {
  readonly ref: ObjectRef;
  readonly resolved: boolean;
  /** `ok`, or why it is not resolved, with field and value. */
  readonly reason: string;
  /** It says so already. */
  readonly isTold: boolean;
}

export interface ProfileRules {
  readonly queries: QueriesConfig;
  /** Where a query of the planner's own goes that names no endpoint. */
  readonly telemetryEndpoint: string;
  /** Whether a profile may name this endpoint: else it could have the controller ask anything anywhere. */
  readonly isAllowed: (endpoint: string) => boolean;
  /** Agents report here; they do not where it is absent. */
  readonly hasAgents: boolean;
}

interface Resolved extends Profile {
  readonly way: Way;
}

/** The prototype's words. */
const incomplete = "Both a endpoint and a query need to be defined.";

/** Which KPIs there are and how each is measured, from a cache. */
export class ProfileBook {
  readonly #profiles: Store<ProfileObject>;
  readonly #rules: ProfileRules;

  constructor(profiles: Store<ProfileObject>, rules: ProfileRules) {
    this.#profiles = profiles;
    this.#rules = rules;
  }

  /** Those that can be measured, by `namespace/name`. */
  resolved(): Map<string, Profile> {
    return new Map(
      [...this.#profiles.values()].flatMap((object): [string, Profile][] => {
        const found = this.#resolve(object);
        return typeof found === "string" ? [] : [[keyOf(object), { type: found.type, minimize: found.minimize }]];
      }),
    );
  }

  /** How a KPI is measured; undefined: there is none of this key, or it is not resolved. */
  wayOf(key: string): Way | undefined {
    const [namespace = "", name = ""] = key.split("/");
    const object = this.#profiles.named(namespace, name);
    const found = object && this.#resolve(object);
    return typeof found === "object" ? found.way : undefined;
  }

  /** All of them, for whoever writes their status. */
  all(): SeenProfile[] {
    return [...this.#profiles.values()].map((object) => {
      const found = this.#resolve(object);
      const resolved = typeof found !== "string";
      const reason = resolved ? "ok" : found;
      const isTold = object.status.resolved === resolved && object.status.reason === reason;
      return { ref: object.ref, resolved, reason, isTold };
    });
  }

  #resolve(object: ProfileObject): Resolved | string {
    if ("problem" in object.read) return object.read.problem;
    const { type, minimize, query = "", props = {} } = object.read.spec;
    const key = keyOf(object);
    const own = Object.hasOwn(this.#rules.queries, key) ? this.#rules.queries[key] : undefined;
    const way = own ? this.#ownWay(key, type, own) : this.#externalWay(type, query, props["endpoint"]);
    return typeof way === "string" ? way : { type, minimize, way };
  }

  #ownWay(key: string, type: KpiType, { query, endpoint }: QueriesConfig[string]): Way | string {
    if (query !== "") return { kind: "template", query, endpoint: endpoint || this.#rules.telemetryEndpoint };
    return type === "availability" ? { kind: "pods" } : `the planner's queries have an empty one for ${key}`;
  }

  #externalWay(type: KpiType, query: string, endpoint: unknown): Way | string {
    if (type === "availability" && query === "" && endpoint === undefined) return { kind: "pods" };
    const ofAgents = Object.hasOwn(agentQueries, query) ? agentQueries[query] : undefined;
    if (ofAgents !== undefined) return this.#agentWay(query, ofAgents);
    return this.#promQlWay(query, endpoint);
  }

  #agentWay(query: string, of: AgentKpi): Way | string {
    return this.#rules.hasAgents ? { kind: "agents", of } : `spec.query: "${query}" needs agents, and none report here`;
  }

  #promQlWay(query: string, endpoint: unknown): Way | string {
    if (query === "" || endpoint === undefined || endpoint === "") return incomplete;
    const shown = JSON.stringify(endpoint);
    if (typeof endpoint !== "string" || !URL.canParse(endpoint)) return `spec.props.endpoint: ${shown} is not a URL`;
    if (!this.#rules.isAllowed(endpoint))
      return `spec.props.endpoint: ${shown} is at none of the hosts that are allowed`;
    return { kind: "external", query, endpoint };
  }
}

function keyOf({ namespace, name }: Pick<ProfileObject, "namespace" | "name">): string {
  return `${namespace}/${name}`;
}
