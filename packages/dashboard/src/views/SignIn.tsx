import type { JSX, TargetedEvent } from "preact";

import { useModel } from "../widgets/context.ts";

/** Who asks has to say who they are, or may not see this. */
export function SignIn({ status, message }: { readonly status: number; readonly message: string }): JSX.Element {
  const model = useModel();
  const submit = (event: TargetedEvent<HTMLFormElement>): void => {
    event.preventDefault();
    const token = new FormData(event.currentTarget).get("token");
    model.outside.tokens.write(typeof token === "string" && token.trim() !== "" ? token.trim() : null);
    model.refused.value = null;
  };
  return (
    <section class="notice failed" aria-labelledby="sign-in">
      <h1 id="sign-in">{status === 403 ? "You may not see this" : "Say who you are"}</h1>
      <p>{message}</p>
      <form onSubmit={submit}>
        <label>
          Token <input name="token" type="password" autocomplete="off" />
        </label>{" "}
        <button type="submit">Sign in</button>
      </form>
      <p class="muted">
        A token of the controller&apos;s file, or one of the cluster: <code>kubectl create token NAME</code>. It is kept
        for this tab only.
      </p>
    </section>
  );
}
