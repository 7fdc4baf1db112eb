import { leastWeight, limitsSettings, marketModes, mostWeight, type PodPolicy } from "@walras/api";
import { parseCpu, requirementsOf } from "@walras/kit";
import { z } from "zod";

import { meaningOf } from "./meaning.ts";
import type { PodRule } from "./observe/rules.ts";

const operators = ["In", "NotIn", "Exists", "DoesNotExist"] as const;

const expression = z
  .strictObject({ key: z.string().min(1), operator: z.enum(operators), values: z.array(z.string()).optional() })
  .refine(({ operator, values = [] }) => operator.endsWith("In") === values.length > 0, {
    message: "In and NotIn have values, Exists and DoesNotExist have none",
  });

/** A label selector as the API has it. */
const selector = z
  .strictObject({
    matchLabels: z.record(z.string(), z.string()).optional(),
    matchExpressions: z.array(expression).optional(),
  })
  .transform(({ matchLabels, matchExpressions }) =>
    requirementsOf({
      ...(matchLabels && { matchLabels }),
      ...(matchExpressions && { matchExpressions: plain(matchExpressions) }),
    }),
  );

function plain(
  expressions: readonly z.infer<typeof expression>[],
): { key: string; operator: string; values: string[] }[] {
  return expressions.map(({ key, operator, values = [] }) => ({ key, operator, values }));
}

const cpu = z.union([z.string(), z.number()], { error: "expected an amount of CPU" }).transform((amount, context) => {
  const milli = meaningOf(() => parseCpu(String(amount), "cpu"));
  if (milli !== null && milli > 0) return milli;
  context.addIssue({ code: "custom", message: "expected an amount of CPU above zero, such as 250m" });
  return z.NEVER;
});

const glob = z
  .string()
  .regex(/^[a-z0-9*]([-a-z0-9*]*[a-z0-9*])?$/, "expected a namespace, in which * stands for any letters");

const rule = z
  .strictObject({
    name: z.string().min(1).max(63).meta({ description: "of the rule, for complaints" }),
    namespaces: z
      .array(glob)
      .min(1)
      .optional()
      .meta({ description: "names, in which * stands for any letters; all where not given" }),
    "namespace-selector": selector.optional().meta({ description: "labels of the namespace" }),
    qos: z
      .array(z.enum(["Guaranteed", "Burstable", "BestEffort"]))
      .min(1)
      .optional(),
    kinds: z
      .array(z.string().min(1))
      .min(1)
      .optional()
      .meta({ description: "of the workload: Deployment, Job, …; Pod: it has none" }),
    selector: selector.optional().meta({ description: "labels of the pod" }),
    mode: z.enum(marketModes).optional().meta({ description: "never more than --mode" }),
    limits: z.enum(limitsSettings).optional(),
    weight: z.number().min(leastWeight).max(mostWeight).optional(),
    "min-cpu": cpu.optional(),
    "max-cpu": cpu.optional(),
  })
  .refine(({ "min-cpu": least = 0, "max-cpu": most = Infinity }) => least <= most, {
    path: ["min-cpu"],
    message: "is more than max-cpu",
  })
  .transform(({ name, namespaces, qos, kinds, ...given }): PodRule => ({
    name,
    namespaces: namespaces ?? null,
    namespaceLabels: given["namespace-selector"] ?? null,
    qos: qos ?? null,
    kinds: kinds ?? null,
    labels: given.selector ?? null,
    policy: policyOf(given),
  }));

/** What a rule says of the pods that it is about. */
interface Said {
  readonly mode?: PodPolicy["mode"] | undefined;
  readonly limits?: PodPolicy["limits"] | undefined;
  readonly weight?: number | undefined;
  readonly "min-cpu"?: number | undefined;
  readonly "max-cpu"?: number | undefined;
}

function policyOf({ mode, limits, weight, "min-cpu": minMilli, "max-cpu": maxMilli }: Said): PodPolicy {
  return {
    weight: weight ?? 1,
    minMilli: minMilli ?? null,
    maxMilli: maxMilli ?? null,
    mode: mode ?? null,
    limits: limits ?? null,
  };
}

/** More are not read by anybody, and each pod is held against them. */
const mostRules = 200;

/** What the market is told of pods by namespace and class; the first that is about a pod holds. */
export const policiesSchema = z
  .array(rule)
  .max(mostRules)
  .meta({ description: "by namespace and class of workload; the first that is about a pod holds" });
