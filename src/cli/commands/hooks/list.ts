import { hookData, hookText } from "../../../output/views/hooks.js";
import { showHidden } from "../../../output/show-hidden.js";
import { formatOrigin } from "../../../config/format-origin.js";
import type { LoadedConfig } from "../../../config/load.js";
import type { HookSettings } from "../../../domain/settings/settings.js";
import { defineCommand } from "../../command.js";

interface CommandOrigin {
  readonly hook: keyof HookSettings;
  readonly command: string;
  readonly origin: string;
}

export const hookList = defineCommand({
  path: "hook list",
  summary: "Show the hooks, where they are written, and what has run",
  arguments: [],
  options: {},
  examples: ["devkit hook list", "devkit -p node hook list"],
  json: '{ commands: [{ hook, command, origin }], trusted: boolean, agents: [{ index, name, hooks: [{ hook, state: "due"|"unfinished"|"done"|"failed"|"never", commands, began: RFC 3339|null, ended: RFC 3339|null, exitCode: number|null }] }] }',
  async run({ deps }) {
    const [{ listHooks }, { loadTrust }, config, project] = await Promise.all([
      import("../../../app/hooks/list-hooks.js"),
      import("../../../app/hooks/host-hooks.js"),
      deps.configWithPositions(),
      deps.projectDeps(),
    ]);
    const { trusted } = await loadTrust(await deps.hostHooks(config));
    const commands = commandsOf(config);
    const agents = await listHooks(project, config.settingsOf);
    return {
      data: {
        commands,
        trusted,
        agents: agents.map(({ agent, hooks }) => ({ ...agent, hooks: hooks.map(hookData) })),
      },
      human: () => {
        if (commands.length === 0)
          return 'No hooks. In devkit.toml, for example: [hooks] on_create = ["npm ci"]';
        const written = commands.map(
          ({ hook, command, origin }) => `${hook}  ${showHidden(command)}  (${origin})`,
        );
        const ran = agents.flatMap(({ agent, hooks }) =>
          hooks.map((hook) => `${agent.name}  ${hookText(hook)}`),
        );
        const approve = trusted ? [] : ["host: not approved yet: devkit trust"];
        return [...written, ...approve, ...(ran.length === 0 ? [] : ["", ...ran])].join("\n");
      },
    };
  },
});

/** All commands in the order in which they run, those of overlays for one agent alone left out. */
function commandsOf({ settings, origins }: LoadedConfig): CommandOrigin[] {
  const order = ["host", "on_create", "warm", "on_start", "maintain"] as const;
  return order.flatMap((hook) => {
    const entries = new Map(origins.get(`hooks.${hook}`)?.entries?.map((one) => [one.value, one.origin]));
    return settings.hooks[hook].map((command) => {
      const origin = entries.get(command);
      return { hook, command, origin: origin === undefined ? "" : formatOrigin(origin) };
    });
  });
}
