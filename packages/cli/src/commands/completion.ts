import { Argument, Command } from "commander";

/**
 * walras completion: what a shell needs to complete all of this.
 *
 * @param program whose commands are completed
 */
export function completionCommand(program: () => Command): Command {
  return new Command("completion")
    .description("print the completion of a shell: source <(walras completion bash)")
    .addArgument(new Argument("<shell>", "which").choices(["bash", "zsh", "fish"]))
    .action(async (shell: string) => {
      const { completables } = await import("../completion/tree.ts");
      const { shellScripts } = await import("../completion/scripts.ts");
      process.stdout.write(shellScripts[shell]?.(completables(program())) ?? "");
    });
}
