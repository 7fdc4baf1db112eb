import { formatRoute, type Route, upFrom } from "../state/route.ts";
import { themeAfter } from "../state/theme.ts";
import type { Model } from "../state/model.ts";

import type { Action } from "./keymap.ts";
import type { Command } from "./commands.ts";

/** Does what a key asks for. */
export function perform(model: Model, action: Action): void {
  switch (action.do) {
    case "move":
      return model.list?.move(action.move);
    case "aside":
      return model.list?.aside(action.to);
    case "open":
      return model.list?.open();
    case "view":
      return model.go({ at: "list", view: action.view, item: null });
    case "copy":
      return void model.copyYaml();
    case "back":
      return back(model);
    case "filter":
    case "command":
    case "help":
    case "theme":
    case "order":
    case "table":
      return setPage(model, action.do);
  }
}

function setPage(model: Model, name: "filter" | "command" | "help" | "theme" | "order" | "table"): void {
  switch (name) {
    case "filter":
      model.isFiltering.value = true;
      return;
    case "command":
    case "help":
      model.overlay.value = name;
      return;
    case "theme":
      return model.setTheme(themeAfter(model.theme.value));
    case "order":
      return model.nextOrder();
    case "table":
      model.isTable.value = !model.isTable.value;
      return;
  }
}

/** One step at a time: what lies on top is closed first. */
export function back(model: Model): void {
  if (model.overlay.value !== null) model.overlay.value = null;
  else if (model.explaining.value !== null) model.explaining.value = null;
  else if (model.filter.value !== "" || model.isFiltering.value) {
    model.filter.value = "";
    model.isFiltering.value = false;
  } else {
    const up = upFrom(model.route.value, model.nodeOfPod.value);
    if (up !== null) model.go(up);
  }
}

/** @returns what is wrong with it; null: it was done */
export function performCommand(model: Model, command: Command): string | null {
  if (command.do === "wrong") return command.why;
  model.overlay.value = command.do === "help" ? "help" : null;
  if (command.do === "go") goAnew(model, command.route);
  else if (command.do !== "help") setting(model, command);
  return null;
}

function setting(model: Model, command: Extract<Command, { do: "price" | "theme" | "order" | "signOut" }>): void {
  switch (command.do) {
    case "price":
      return model.setPrice(command.price);
    case "theme":
      return model.setTheme(command.theme);
    case "order":
      model.order.value = command.order;
      return;
    case "signOut":
      model.outside.tokens.write(null);
      model.refused.value = { status: 401, message: "You have signed out." };
      return;
  }
}

/** A command that names the place where one is, is an address still. */
function goAnew(model: Model, route: Route): void {
  if (formatRoute(route) === formatRoute(model.route.value)) model.wrongAddress.value = null;
  model.go(route);
}
