import type { JSX } from "preact";

/** Parts of a whole beside each other; the numbers are written beside it. @param parts shares, 0 to 1, the widest first */
export function Bar({
  parts,
}: {
  readonly parts: readonly { readonly share: number; readonly kind: string }[];
}): JSX.Element {
  return (
    <svg class="track" viewBox="0 0 100 10" preserveAspectRatio="none" aria-hidden="true">
      {parts.map(({ share, kind }) => (
        <rect
          key={kind}
          class={`bar-${kind}`}
          x="0"
          y="0"
          height="10"
          width={Math.min(100, Math.max(0, share * 100))}
        />
      ))}
    </svg>
  );
}
