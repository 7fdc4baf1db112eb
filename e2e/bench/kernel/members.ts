import type { DemandFile, Tenant } from "./demand.ts";
import type { Work } from "./pods.ts";
import type { Sizes } from "./policies.ts";

/** Who wants a part of a node that has too little. */
export interface Member {
  readonly name: string;
  readonly weight: number;
  readonly declared: Sizes;
  /** What it uses on a node that has room, at the 95th percentile. */
  readonly wantMilli: number;
  /** Null: it serves requests. */
  readonly work: Work | null;
}

export type Overload = NonNullable<DemandFile["overload"]>;

/** How everybody on a node is sized. */
export interface NodePolicy {
  readonly name: string;
  readonly managed: boolean;
  sizes(members: readonly Member[], roomMilli: number): readonly Sizes[];
}

/** The service first, then who crowds it. */
export function membersOf({ guaranteed, tenants }: Overload, learnedMilli: number): readonly Member[] {
  const { name, request, limit } = guaranteed;
  const declared = { requestMilli: request, limitMilli: limit };
  const service = { name, weight: 1, declared, wantMilli: learnedMilli, work: null };
  return [service, ...tenants.map(crowding)];
}

function crowding({ name, weight, cores, threads, request, limit }: Tenant): Member {
  const declared = { requestMilli: request, limitMilli: limit };
  return { name, weight, declared, wantMilli: cores * 1000, work: { cores, threads } };
}

const asDeclared = (members: readonly Member[]): readonly Sizes[] => members.map(({ declared }) => declared);

/** Request and limit of what was used on a node that had room; requests that do not fit shrink alike. */
function asUsed(members: readonly Member[], roomMilli: number): readonly Sizes[] {
  const shrink = Math.min(1, roomMilli / members.reduce((sum, { wantMilli }) => sum + wantMilli, 0));
  return members.map(({ wantMilli }) => ({
    requestMilli: Math.floor(wantMilli * shrink),
    limitMilli: Math.round(wantMilli),
  }));
}

/** What a market would ration, as requests: the kernel divides by them. */
function asWeights(members: readonly Member[], roomMilli: number): readonly Sizes[] {
  const crowd = members.filter(({ work }) => work !== null);
  const rest = roomMilli - members.reduce((sum, { declared }) => sum + declared.requestMilli, 0);
  const weights = crowd.reduce((sum, { weight }) => sum + weight, 0);
  return members.map(({ declared, weight, work }) => ({
    requestMilli: declared.requestMilli + (work === null ? 0 : Math.floor((rest * weight) / weights)),
    limitMilli: null,
  }));
}

/** One at a time: each has the node. */
export const nodePolicies: readonly NodePolicy[] = [
  { name: "declared", managed: false, sizes: asDeclared },
  { name: "p95", managed: false, sizes: asUsed },
  {
    name: "none",
    managed: false,
    sizes: (members) => asDeclared(members).map((sizes) => ({ ...sizes, limitMilli: null })),
  },
  { name: "weights", managed: false, sizes: asWeights },
  { name: "ours", managed: true, sizes: asDeclared },
];
