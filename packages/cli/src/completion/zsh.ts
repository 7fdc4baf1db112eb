import { caseFunctions, pathsOf } from "./cases.ts";
import type { Completable } from "./tree.ts";

/** For zsh 5: as a file _walras in a folder of fpath, or sourced after compinit. */
export function zshScript(tree: readonly Completable[]): string {
  return `#compdef walras
# walras completion zsh: source it after compinit, or write it as _walras into a folder of fpath.
${caseFunctions(tree)}
_walras() {
  local walras_path="" word values i
  for ((i = 2; i < CURRENT; i++)); do
    word="\${words[i]}"
    case "\${walras_path:+$walras_path }$word" in
      ${pathsOf(tree)}) walras_path="\${walras_path:+$walras_path }$word" ;;
    esac
  done
  if values="$(_walras_values "$walras_path \${words[CURRENT-1]}")"; then
    if [[ -n "$values" ]]; then compadd -- \${=values}; else _files; fi
    return
  fi
  compadd -- \${=$(_walras_words "$walras_path")} || _files
}

if [[ "\${funcstack[1]}" == "_walras" ]]; then _walras "$@"; else compdef _walras walras; fi
`;
}
