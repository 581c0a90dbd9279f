import { formatTable } from "../../../output/views/table.js";
import { parseAgentOption } from "../../agent-option.js";
import { defineCommand, flag, text } from "../../command.js";
import { originRows, toSettingRows } from "../../setting-rows.js";

export const configShow = defineCommand({
  path: "config show",
  summary: "Show the settings in force",
  description:
    "Shows every setting that is in force for all agents; --agent shows those of one, with the overlays that are for it alone.",
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
  json: "{ agent: number|null, files: [path], settings: [{ key, value, origin: { source, file?, line?, column?, overlay?, entries?: [{ value, origin }] } }] }",
  async run({ options, deps }) {
    const [{ layerSettings, layersOf }, { DEFAULT_SETTINGS }] = await Promise.all([
      import("../../../config/layer.js"),
      import("../../../domain/settings/settings.js"),
    ]);
    const agent =
      options.agent === undefined ? undefined : parseAgentOption(options.agent, "for example: --agent 2");
    const { layers, files } = await deps.configWithPositions();
    const { settings, origins } = layerSettings(DEFAULT_SETTINGS, layersOf(layers, agent?.index));
    const rows = await toSettingRows(settings, origins);
    return {
      data: {
        agent: agent?.index ?? null,
        files,
        settings: rows.map(({ key, value, origin }) => ({ key, value, origin })),
      },
      human: () =>
        options.origin
          ? formatTable(["SETTING", "VALUE", "ORIGIN"], rows.flatMap(originRows))
          : formatTable(
              ["SETTING", "VALUE"],
              rows.map((row) => [row.key, row.shown]),
            ),
    };
  },
});

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
