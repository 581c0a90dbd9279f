import { passedEnv } from "../../../domain/agents/env.js";
import { formatTable } from "../../../output/views/table.js";
import { parseAgentOption } from "../../agent-option.js";
import { defineCommand, flag, text } from "../../command.js";
import { originRows, toSettingRows } from "../../setting-rows.js";

export const configShow = defineCommand({
  path: "config show",
  summary: "Show the settings in force",
  description:
    "Shows every setting that is in force for all agents; --agent shows those of one, with the overlays that are for it alone. " +
    "Of the variables that `[agent] pass_env` names it says whether you have them, never what is in them.",
  arguments: [],
  options: {
    origin: flag("--origin", "say where each setting comes from"),
    agent: text("--agent <agent>", "those of this agent"),
  },
  examples: [
    "devkit config show",
    "devkit -p small config show --origin",
    "devkit config show --agent 2 --origin",
  ],
  json: "{ agent: number|null, files: [path], settings: [{ key, value, origin: { source, file?, line?, column?, overlay?, entries?: [{ value, origin }] } }], passEnv: [{ name, set: boolean }] }",
  async run({ options, deps }) {
    const [{ layerSettings, layersOf }, { DEFAULT_SETTINGS }] = await Promise.all([
      import("../../../config/layer.js"),
      import("../../../domain/settings/settings.js"),
    ]);
    const agent =
      options.agent === undefined
        ? undefined
        : parseAgentOption(options.agent, (await deps.project()).roster, "for example: --agent 2");
    const { layers, files } = await deps.configWithPositions();
    const { settings, origins } = layerSettings(DEFAULT_SETTINGS, layersOf(layers, agent?.index));
    const rows = await toSettingRows(settings, origins);
    const passed = passedEnv(settings.agent.pass_env, deps.host.env);
    const isSet = (name: string) => Object.hasOwn(passed, name);
    const lines = (cells: readonly string[][]) => cells.map((row) => withVariableStates(row, isSet));
    return {
      data: {
        agent: agent?.index ?? null,
        files,
        settings: rows.map(({ key, value, origin }) => ({ key, value, origin })),
        passEnv: settings.agent.pass_env.map((name) => ({ name, set: isSet(name) })),
      },
      human: () =>
        options.origin
          ? formatTable(["SETTING", "VALUE", "ORIGIN"], lines(rows.flatMap(originRows)))
          : formatTable(["SETTING", "VALUE"], lines(rows.map((row) => [row.key, row.shown]))),
    };
  },
});

/** A row of the table, in which names of variables are followed by whether the user has them. */
function withVariableStates(cells: string[], isSet: (name: string) => boolean): string[] {
  const [key = "", shown = "", ...rest] = cells;
  if (key !== "agent.pass_env") return cells;
  const told = shown.replaceAll(
    /"(\w+)"/g,
    (quoted, name: string) => `${quoted} (${isSet(name) ? "set" : "unset"})`,
  );
  return [key, told, ...rest];
}

export const configCheck = defineCommand({
  path: "config check",
  summary: "Check devkit.toml and the overlays",
  description:
    "Reads devkit.toml and the overlays in force, which -p adds to. Whether this machine has what they name (mounts, files of variables, Dockerfiles) is " +
    "what `devkit agent up --dry-run` looks at.",
  arguments: [],
  options: {},
  examples: ["devkit config check", "devkit -p small config check"],
  json: "{ files: [path] }",
  async run({ deps, reporter }) {
    const { files, notes } = await deps.config();
    for (const note of notes) reporter.warn(note);
    return {
      data: { files },
      human: () =>
        files.length === 0
          ? "No configuration files: the defaults are in force."
          : `No mistakes in ${files.join(", ")}.`,
    };
  },
});
