import type { Answer } from "@walras/controller/carla";

/** A decision for people: what goes, what does not and why, and what the scores are made of. */
export function printAnswer(answer: Answer): string {
  const { at, allowedWindow, headroom, reason, rmaxUsed, selected, held, scores } = answer;
  const order = [...selected, ...Object.keys(held)];
  const width = Math.max(4, ...order.map((name) => name.length)) + 2;
  const line = (name: string): string => {
    const { total, depth, inverseResource, risk, window, wait } = scores[name] ?? noScore;
    const terms = [depth, inverseResource, risk, window, wait].map((term) => term.toFixed(2).padStart(8)).join("");
    const verdict = held[name] ? `${held[name].reason}: ${held[name].detail}` : "released";
    return `${name.padEnd(width)}${total.toFixed(2).padStart(7)}${terms}  ${verdict}\n`;
  };
  const header = `${"APP".padEnd(width)}${"SCORE".padStart(7)}${["DEPTH", "SIZE", "RISK", "WINDOW", "WAIT"].map((term) => term.padStart(8)).join("")}\n`;
  const state = `window ${allowedWindow ? "open" : "closed"}, headroom ${headroom === null ? "unknown" : headroom.toFixed(3)}, Rmax used ${rmaxUsed}`;
  return `${at}  ${state}, ${reason}\n${order.length === 0 ? "nothing is pending\n" : header + order.map(line).join("")}`;
}

const noScore = { total: 0, depth: 0, inverseResource: 0, risk: 0, window: 0, wait: 0 };
