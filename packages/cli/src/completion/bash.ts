import { caseFunctions, pathsOf } from "./cases.ts";
import type { Completable } from "./tree.ts";

/** For bash 3.2 and later: what fits of the command that has been typed so far, or of the flag before; files where any value will do. */
export function bashScript(tree: readonly Completable[]): string {
  return `# walras completion bash: source it, or write it into the folder of bash-completion.
${caseFunctions(tree)}
_walras() {
  local cur="\${COMP_WORDS[COMP_CWORD]}" prev="\${COMP_WORDS[COMP_CWORD-1]}" path="" word values i
  COMPREPLY=()
  for ((i = 1; i < COMP_CWORD; i++)); do
    word="\${COMP_WORDS[i]}"
    case "\${path:+$path }$word" in
      ${pathsOf(tree)}) path="\${path:+$path }$word" ;;
    esac
  done
  if values="$(_walras_values "$path $prev")"; then
    [ -n "$values" ] && COMPREPLY=($(compgen -W "$values" -- "$cur"))
    return 0
  fi
  COMPREPLY=($(compgen -W "$(_walras_words "$path")" -- "$cur"))
}

complete -o default -F _walras walras
`;
}
