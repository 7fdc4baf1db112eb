import type { JSX } from "preact";
import { useLayoutEffect } from "preact/hooks";

import { useModel } from "./context.ts";

/** YAML to copy, by the button or by `y`. */
export function Yaml({ text, title }: { readonly text: string; readonly title: string }): JSX.Element {
  const model = useModel();
  useLayoutEffect(() => {
    model.yaml.value = text;
    return () => {
      model.yaml.value = null;
    };
  }, [model, text]);
  return (
    <div>
      <h3>{title}</h3>
      <pre class="yaml" tabIndex={0} aria-label={title} role="group">
        {text}
      </pre>
      <button type="button" onClick={() => void model.copyYaml()}>
        Copy <kbd>y</kbd>
      </button>
    </div>
  );
}
