import { useSignal } from "@preact/signals";
import type { JSX } from "preact";

import { completions, parseCommand } from "../keys/commands.ts";
import { performCommand } from "../keys/perform.ts";
import { useModel } from "../widgets/context.ts";
import { Dialog } from "../widgets/Dialog.tsx";

/** A command, with what it may go on to; Tab takes the first. */
export function CommandLine(): JSX.Element {
  const model = useModel();
  const text = useSignal("");
  const wrong = useSignal<string | null>(null);
  const choices = completions(text.value, model.summary.value?.cells.node ?? []);
  const submit = (event: Event): void => {
    event.preventDefault();
    wrong.value = performCommand(model, parseCommand(text.value));
  };
  const complete = (event: KeyboardEvent): void => {
    const [first] = choices;
    if (event.key !== "Tab" || event.shiftKey || first === undefined || first === text.value) return;
    event.preventDefault();
    text.value = first;
  };
  return (
    <Dialog title="Command">
      <form onSubmit={submit}>
        <input
          autofocus
          aria-label="Command"
          aria-describedby="command-says"
          autocomplete="off"
          spellcheck={false}
          value={text.value}
          onInput={(event) => (text.value = event.currentTarget.value)}
          onKeyDown={complete}
        />
        <p id="command-says" class="bad" role="alert">
          {wrong.value}
        </p>
        <ul class="choices" aria-label="May go on to">
          {choices.map((choice) => (
            <li key={choice}>{choice}</li>
          ))}
        </ul>
      </form>
    </Dialog>
  );
}
