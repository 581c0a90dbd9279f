import { showText } from "../../../base/show-text.js";
import { originRows, toSettingRows } from "../../setting-rows.js";
import { formatTable } from "../../../output/views/table.js";
import { defineCommand } from "../../command.js";

export const overlayShow = defineCommand({
  path: "overlay show",
  summary: "Show what an overlay sets, and where it says so",
  description:
    "Shows the settings of one overlay with those of the overlays it extends, each with its file, line and column; whether it is in force does not matter.",
  arguments: [{ syntax: "<name>", description: "an overlay of devkit overlay list", completes: "overlays" }],
  options: {},
  examples: ["devkit overlay show small"],
  json: "{ name, directory, description: string|null, agent: number|null, extends: [name], files: [path], settings: [{ key, value, origin }] } with origins as in config show",
  async run({ args, deps }) {
    const [{ collectOverlay }, { layerSettings }, { DEFAULT_SETTINGS }] = await Promise.all([
      import("../../../config/collect-overlay.js"),
      import("../../../config/layer.js"),
      import("../../../domain/settings/settings.js"),
    ]);
    const request = { ...(await deps.configRequest()), positions: true };
    const { overlay, layers, files } = await collectOverlay(request, args[0] ?? "");
    const { settings, origins } = layerSettings(DEFAULT_SETTINGS, layers);
    const rows = (await toSettingRows(settings, origins)).filter(({ origin }) => origin.source !== "default");
    const below = [...new Set(layers.map(({ origin }) => origin.overlay ?? ""))].filter(
      (name) => name !== overlay.name,
    );
    const { name, description, agent } = overlay;
    const about = [
      `${name}: ${description ?? "no description"}`,
      ...(agent === undefined ? [] : [`for agent ${String(agent)} alone`]),
      ...(below.length === 0 ? [] : [`extends ${below.join(", ")}`]),
      ...files.map((file) => `from ${file}`),
    ].map(showText);
    return {
      data: {
        name,
        directory: overlay.dir,
        description: description ?? null,
        agent: agent ?? null,
        extends: below,
        files,
        settings: rows.map(({ key, value, origin }) => ({ key, value, origin })),
      },
      human: () =>
        [
          ...about,
          "",
          rows.length === 0
            ? "It sets nothing."
            : formatTable(["SETTING", "VALUE", "ORIGIN"], rows.flatMap(originRows)),
        ].join("\n"),
    };
  },
});
