import type { ConfigFile } from "./configFile.ts";
import { present } from "./fields.ts";
import { applicationsIn, complaintOfMeaning } from "./named.ts";
import type { Freeze, ReleaseConfig } from "./policy.ts";
import type { RawPolicy } from "./policySchema.ts";

/** @param zone of moments that name none */
export function freezesFrom(raw: RawPolicy["freeze"], zone: string): Freeze[] {
  return present(raw).map(({ item: { from, until, except, in_flight: inFlight, reason: by } }) => ({
    fromMs: from?.(zone) ?? 0,
    untilMs: until?.(zone) ?? null,
    except: new Set(present(except).map(({ item }) => item)),
    inFlight,
    by,
  }));
}

/** A name that may be several applications is refused. One that is none is frozen like all: probably a typing error. */
export function checkExceptions(
  raw: RawPolicy["freeze"],
  config: Pick<ReleaseConfig, "apps" | "policy">,
  file: ConfigFile,
): void {
  const meaning = applicationsIn(config);
  for (const { item, index } of present(raw)) {
    for (const { item: name, index: at } of present(item.except)) {
      const meant = meaning(name);
      const complaint = complaintOfMeaning(meant);
      const path = ["freeze", index, "except", at];
      if (complaint === null) continue;
      if (meant.length === 0) file.warn(path, complaint);
      else file.complain(path, complaint);
    }
  }
}
