import type { JSX } from "preact";
import { useLayoutEffect, useRef } from "preact/hooks";

import { bannerOf, linkWord } from "../state/link.ts";
import { formatRoute, viewOf, type ViewName, views } from "../state/route.ts";
import { themeAfter } from "../state/theme.ts";
import { useModel } from "../widgets/context.ts";
import { Notice } from "../widgets/Notice.tsx";

import { CommandLine } from "./CommandLine.tsx";
import { Explain } from "./Explain.tsx";
import { FilterBox } from "./FilterBox.tsx";
import { Help } from "./Help.tsx";
import { SignIn } from "./SignIn.tsx";
import { Strip } from "./Strip.tsx";
import { View } from "./View.tsx";

const viewNames: Readonly<Record<ViewName, string>> = {
  cpu: "CPU",
  releases: "Releases",
  slots: "Slots",
  gpus: "GPUs",
  intents: "Intents",
};

/** The page. */
export function Shell(): JSX.Element {
  const model = useModel();
  const refused = model.refused.value;
  return (
    <div class="shell">
      <Top />
      <div>
        <Banner />
        {refused === null ? <Strip /> : null}
      </div>
      <Main>{refused === null ? <View /> : <SignIn status={refused.status} message={refused.message} />}</Main>
      <Foot />
      <Explain />
      {model.overlay.value === "help" ? <Help /> : null}
      {model.overlay.value === "command" ? <CommandLine /> : null}
      <div class="hidden-text" role="status" aria-live="polite">
        {model.said.value}
      </div>
    </div>
  );
}

function Top(): JSX.Element {
  const model = useModel();
  const here = viewOf(model.route.value);
  return (
    <header class="top">
      <a class="skip" href={formatRoute(model.route.value)} onClick={() => document.querySelector("main")?.focus()}>
        To the content
      </a>
      <a class="brand" href="#/cpu">
        Walras
      </a>
      <nav class="tabs" aria-label="Views">
        {views.map((view) => (
          <a key={view} href={`#/${view}`} {...(view === here ? { "aria-current": "page" as const } : {})}>
            {viewNames[view]}
          </a>
        ))}
      </nav>
      <Tools />
    </header>
  );
}

function Tools(): JSX.Element {
  const model = useModel();
  const word = linkWord(model.link.value);
  const theme = model.theme.value;
  return (
    <div class="tools">
      <FilterBox />
      <span class="state" data-state={word}>
        {word}
      </span>
      <button type="button" onClick={() => model.setTheme(themeAfter(theme))} aria-label={`Theme: ${theme}`}>
        {theme}
      </button>
      <button type="button" onClick={() => (model.overlay.value = "help")} aria-label="Help on keys">
        ?
      </button>
    </div>
  );
}

function Banner(): JSX.Element | null {
  const model = useModel();
  const { value: summary } = model.summary;
  const text = bannerOf(model.link.value, model.nowMs.value, summary?.leader ?? null, summary?.leaderName ?? null);
  if (text === null || model.refused.value !== null) return null;
  return (
    <div class="banner" role="status">
      {text}
    </div>
  );
}

/** After a move to another place, what is read next is there. */
function Main({ children }: { readonly children: JSX.Element }): JSX.Element {
  const model = useModel();
  const main = useRef<HTMLElement>(null);
  const place = formatRoute(model.route.value);
  const isFirst = useRef(true);
  const wrong = model.wrongAddress.value;
  useLayoutEffect(() => {
    if (!isFirst.current) {
      main.current?.focus({ preventScroll: true });
      scrollTo(0, 0);
    }
    isFirst.current = false;
  }, [place]);
  return (
    <main ref={main} tabIndex={-1}>
      {wrong === null ? children : <WrongAddress fragment={wrong} />}
    </main>
  );
}

function WrongAddress({ fragment }: { readonly fragment: string }): JSX.Element {
  return (
    <Notice title="There is nothing at this address" failed>
      <p>
        <code>{fragment}</code>
      </p>
      <a href="#/cpu">To the nodes</a>
    </Notice>
  );
}

function Foot(): JSX.Element {
  const model = useModel();
  const { value: me } = model.me;
  return (
    <footer class="foot">
      <span>
        <kbd>/</kbd> filter
      </span>
      <span>
        <kbd>:</kbd> command
      </span>
      <span>
        <kbd>j</kbd> <kbd>k</kbd> move
      </span>
      <span>
        <kbd>Enter</kbd> in
      </span>
      <span>
        <kbd>Esc</kbd> back
      </span>
      <span>
        <kbd>?</kbd> all keys
      </span>
      {me === null ? null : (
        <span>
          {me.user ?? "by the token"} on {me.replica}. This page only reads.
        </span>
      )}
    </footer>
  );
}
