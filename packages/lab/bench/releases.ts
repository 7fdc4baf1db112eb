import { join } from "node:path";

import { publishBench } from "@walras/kit/bench";

import {
  compareRules,
  type Comparison,
  readLabConfig,
  scenarioNames,
  sceneOf,
  summarize,
} from "../src/releases/index.ts";

/** Three weeks of each kind under every rule: when releases land, how long changes wait, what fails. */
const seeds = [1, 2, 3];
const { policy } = readLabConfig({
  readText: (file) => {
    throw new Error(`no file ${file} was asked for`);
  },
});

const weeks = scenarioNames.flatMap((scenario) =>
  seeds.map((seed) => compareRules(scenario, sceneOf({ scenario, seed, days: 7, policy }))),
);

function ruleOf(week: readonly Comparison[], rule: string): Comparison {
  const found = week.find((one) => one.rule === rule);
  if (!found) throw new Error(`no rule ${rule}`);
  return found;
}

const ours = weeks.map((week) => ruleOf(week, "walras"));
/** Worst week's mean wait against that of another rule. */
const waitAgainst = (rule: string): number =>
  Math.max(...weeks.map((week) => ruleOf(week, "walras").meanWaitHours / ruleOf(week, rule).meanWaitHours));
const sum = (numbers: readonly number[]): number => numbers.reduce((total, one) => total + one, 0);
const failuresOf = (rule: string): number => sum(weeks.map((week) => ruleOf(week, rule).failed));

publishBench(join(import.meta.dirname, "..", "..", ".."), {
  name: "releases",
  command: "pnpm bench releases",
  rows: summarize(weeks.flat()),
  ratios: {
    inClinicHours: sum(ours.map(({ inClinicHours }) => inClinicHours)),
    outsideWindow: sum(ours.map(({ outsideWindow }) => outsideWindow)),
    withoutConsent: sum(ours.map(({ withoutConsent }) => withoutConsent)),
    uncontained: sum(ours.map(({ failed, contained }) => failed - contained)),
    waitAgainstPrototype: waitAgainst("prototype"),
    waitAgainstFifoInWindow: waitAgainst("fifo-in-window"),
    waitAgainstFifoCareful: waitAgainst("fifo-careful"),
    failuresAgainstFifoInWindow: failuresOf("walras") / failuresOf("fifo-in-window"),
  },
});
