import { systemClock } from "@walras/kit/clock";
import { systemRng } from "@walras/kit/rng";
import { effect } from "@preact/signals";
import { render } from "preact";

import { asking } from "../api/client.ts";
import { sessionTokens, tokenIn } from "../api/token.ts";
import { startFollowing } from "../start.ts";
import { listenToKeys } from "../keys/listen.ts";
import { Model } from "../state/model.ts";
import { Shell } from "../views/Shell.tsx";
import { ModelContext } from "../widgets/context.ts";

const tokens = sessionTokens(sessionStorage);
const given = tokenIn(location.hash);
if (given !== null) {
  tokens.write(given.token);
  history.replaceState(null, "", given.fragment);
}

const model = new Model({
  clock: systemClock,
  api: asking(
    (input, init) => fetch(input, init),
    () => tokens.read(),
  ),
  tokens,
  kept: localStorage,
  go: (fragment) => (location.hash = fragment),
  copy: (text) =>
    navigator.clipboard.writeText(text).then(
      () => true,
      () => false,
    ),
});

model.arrive(location.hash);
addEventListener("hashchange", () => model.arrive(location.hash));
effect(() => {
  const theme = model.theme.value;
  if (theme === "system") delete document.documentElement.dataset["theme"];
  else document.documentElement.dataset["theme"] = theme;
});
listenToKeys(model, document);
startFollowing(model, systemRng);

const page = document.getElementById("page");
if (page !== null)
  render(
    <ModelContext.Provider value={model}>
      <Shell />
    </ModelContext.Provider>,
    page,
  );
