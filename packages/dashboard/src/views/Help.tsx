import type { JSX } from "preact";

import { keyHelp } from "../keys/keymap.ts";
import { useModel } from "../widgets/context.ts";
import { Dialog } from "../widgets/Dialog.tsx";

/** Every key. */
export function Help(): JSX.Element {
  const model = useModel();
  return (
    <Dialog title="Keys">
      <section>
        <dl class="keys">
          {keyHelp.map(([keys, meaning]) => [
            <dt key={meaning}>
              {keys.map((key) => (
                <kbd key={key}>{key}</kbd>
              ))}
            </dt>,
            <dd key={`${meaning}=`}>{meaning}</dd>,
          ])}
        </dl>
        <p class="muted">A number that is underlined by dots says on a click how it is made.</p>
        <p>
          <button type="button" onClick={() => (model.overlay.value = null)}>
            Close
          </button>
        </p>
      </section>
    </Dialog>
  );
}
