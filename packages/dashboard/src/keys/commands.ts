import { type Order, orders } from "../state/cells.ts";
import { parsePrice } from "../state/figures.ts";
import { type Route, type ViewName, views } from "../state/route.ts";
import { type Theme, themes } from "../state/theme.ts";

/** What a typed command asks for. */
export type Command =
  | { readonly do: "go"; readonly route: Route }
  | { readonly do: "price"; readonly price: number | null }
  | { readonly do: "theme"; readonly theme: Theme }
  | { readonly do: "order"; readonly order: Order }
  | { readonly do: "help" }
  | { readonly do: "signOut" }
  | { readonly do: "wrong"; readonly why: string };

/** Short names as k9s would have them. */
const aliases: Readonly<Record<string, ViewName>> = {
  rel: "releases",
  apps: "releases",
  slot: "slots",
  gpu: "gpus",
  intent: "intents",
};

const names = [...views, "node", "pod", "price", "theme", "order", "help", "signout"];

export function parseCommand(text: string): Command {
  const [name = "", argument = ""] = text.trim().replace(/^:/, "").split(/\s+/);
  const view = views.find((one) => one === name) ?? (Object.hasOwn(aliases, name) ? aliases[name] : undefined);
  if (view !== undefined) return { do: "go", route: { at: "list", view, item: null } };
  const known = Object.hasOwn(commands, name) ? commands[name] : undefined;
  if (known === undefined) return wrong(name === "" ? "no command" : `no command ${name}`);
  return known(argument);
}

const commands: Readonly<Record<string, (argument: string) => Command>> = {
  node: (node) => (node === "" ? wrong("which node?") : { do: "go", route: { at: "node", node } }),
  pod: podCommand,
  price: (text) => {
    if (text === "default") return { do: "price", price: null };
    const price = parsePrice(text);
    return price === null ? wrong(`price ${text}: a number from 0 on, or default`) : { do: "price", price };
  },
  theme: (text) => chosen(themes, text, "theme", (theme) => ({ do: "theme", theme })),
  order: (text) => chosen(orders, text, "order", (order) => ({ do: "order", order })),
  help: () => ({ do: "help" }),
  signout: () => ({ do: "signOut" }),
};

function podCommand(text: string): Command {
  const [namespace, pod, ...more] = text.split("/");
  if (!namespace || !pod || more.length > 0) return wrong("which pod? NAMESPACE/NAME");
  return { do: "go", route: { at: "pod", namespace, pod } };
}

function chosen<T extends string>(
  known: readonly T[],
  text: string,
  name: string,
  command: (one: T) => Command,
): Command {
  const one = known.find((value) => value === text);
  return one === undefined ? wrong(`${name} ${text}: ${known.join(", ")}`) : command(one);
}

function wrong(why: string): Command {
  return { do: "wrong", why };
}

const mostChoices = 8;

/** What a text may go on to. @param nodes names of nodes */
export function completions(text: string, nodes: readonly string[]): readonly string[] {
  const typed = text.replace(/^:/, "").trimStart();
  const [name = "", argument] = typed.split(/\s+/, 2);
  if (argument === undefined) return names.filter((one) => one.startsWith(name)).slice(0, mostChoices);
  const known: readonly string[] = { node: nodes, theme: themes, order: orders }[name] ?? [];
  const found: string[] = [];
  for (const one of known) {
    if (found.length === mostChoices) break;
    if (one !== "" && one.startsWith(argument)) found.push(`${name} ${one}`);
  }
  return found;
}
