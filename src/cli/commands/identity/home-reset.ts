import type { ResetHome } from "../../../app/identity/reset-home.js";
import { allowedNames } from "../../../config/allowed-names.js";
import { showText } from "../../../base/show-text.js";
import { keptHomeData } from "../../../output/views/trash.js";
import { defineCommand, flag } from "../../command.js";
import type { Deps } from "../../deps.js";

export const agentHomeReset = defineCommand({
  path: "agent home reset",
  summary: "Give an agent a fresh home; the old one goes to the trash",
  description:
    "Stops the agent, puts a fresh home in the place of its own and starts it again. The old home is kept for 30 days: `devkit agent restore` lists it and brings it back by its id. " +
    "Branch, files, stashes and private git dir stay as they are. Refuses (5) while commands run in the agent. " +
    "With --keep-auth ssh keys and settings, the logins of Codex and Claude and the agent's .gitconfig are copied into the new home, plain files only.",
  arguments: [{ syntax: "<agent>", description: "index or name", completes: "agents" }],
  options: {
    keepAuth: flag("--keep-auth", "with the logins, the ssh keys and the .gitconfig of the old home"),
    force: flag("--force", "also while commands run in it, which end"),
  },
  examples: ["devkit agent home reset 2", "devkit agent home reset 2 --keep-auth"],
  json: "{ index, name, kept: [path], left: [{ path, reason }], old: { id, index, name, removed, expires, restore }, started }",
  async run({ args, options, deps, shutdown }) {
    const { resetHome } = await import("../../../app/identity/reset-home.js");
    const result = await resetHome(await deps.projectDeps(), {
      selector: args[0] ?? "",
      ...options,
      wanted: deps.wanted,
      now: new Date(),
    });
    if (result.stopped) await startAgain(deps, result, shutdown.signal);
    const { agent, carried, stopped } = result;
    const old = keptHomeData(result);
    return {
      data: {
        ...agent,
        kept: carried.kept.map(showText),
        left: carried.left.map(({ path, reason }) => ({ path: showText(path), reason })),
        old,
        started: stopped,
      },
      human: () =>
        [
          `${agent.name} has a fresh home${stopped ? " and runs again" : ""}. The old one is kept until ${old.expires.slice(0, 10)}: ${old.restore}`,
          ...(carried.kept.length === 0 ? [] : [`  kept: ${carried.kept.map(showText).join(", ")}`]),
          ...carried.left.map(({ path, reason }) => `  left in the old one: ${showText(path)}: ${reason}`),
        ].join("\n"),
    };
  },
});

/** As `agent up` does: with its network's filter, its ports and its hooks. */
async function startAgain(deps: Deps, { agent }: ResetHome, signal: AbortSignal): Promise<void> {
  const [{ bringUp }, { requireSuccess }, project, config] = await Promise.all([
    import("../../../app/agents/up.js"),
    import("../../../app/agents/outcome.js"),
    deps.projectDeps(),
    deps.config(),
  ]);
  const { outcomes } = await bringUp(project, {
    count: agent.index,
    only: [agent.index],
    settings: config.settings,
    settingsOf: config.settingsOf,
    allowed: allowedNames(config),
    host: deps.host,
    extras: deps.extras,
    hostHooks: await deps.hostHooks(config),
    force: true,
    dryRun: false,
    now: new Date(),
    signal,
  });
  requireSuccess(outcomes, 0);
}
