import { defineCommand } from "../../command.js";

const SHELLS = ["bash", "zsh", "fish"] as const;

export const completion = defineCommand({
  path: "completion",
  summary: "Print a completion script for your shell",
  arguments: [{ syntax: "<shell>", description: SHELLS.join(", "), choices: SHELLS }],
  options: {},
  examples: [
    "devkit completion bash > ~/.local/share/bash-completion/completions/devkit",
    "devkit completion zsh > ~/.zfunc/_devkit",
    "devkit completion fish > ~/.config/fish/completions/devkit.fish",
  ],
  json: "{ shell, script }",
  async run({ args }) {
    const [{ completionScript }, { COMMANDS, GROUPS }, { GLOBAL_OPTIONS }] = await Promise.all([
      import("../../completion-script.js"),
      import("../../table.js"),
      import("../../globals.js"),
    ]);
    const shell = args[0] as (typeof SHELLS)[number];
    const script = completionScript(shell, {
      commands: COMMANDS.filter(({ hidden }) => hidden !== true),
      groups: GROUPS,
      globals: GLOBAL_OPTIONS,
    });
    return { data: { shell, script }, human: () => script };
  },
});
