import { eachStep, type Resources, type Rule } from "../rule.ts";

/** What never changes. */
function fixed(name: string, given: (declared: Resources) => Resources): Rule {
  return {
    name,
    sizing: (declared) => {
      const resources = given(declared);
      return { observe: () => {}, want: () => resources, atCreation: () => resources };
    },
    how: { resizes: "whole", parts: eachStep, rations: false },
  };
}

export const fixedRules: readonly Rule[] = [
  fixed("declared", (declared) => declared),
  fixed("no limit", ({ requestMilli }) => ({ requestMilli, limitMilli: null })),
];
