import { formatOrigin } from "../../../config/format-origin.js";
import type { Origin } from "../../../config/layer.js";
import { formatTable } from "../../../output/views/table.js";
import { defineCommand, flag } from "../../command.js";

export const configShow = defineCommand({
  path: "config show",
  summary: "Show the settings in force",
  arguments: [],
  options: { origin: flag("--origin", "say where each setting comes from") },
  examples: ["devkit config show", "devkit -p small config show --origin"],
  json: "{ files: [path], settings: [{ key, value, origin: { source, file?, line?, column?, overlay?, entries?: [{ value, origin }] } }] }",
  async run({ options, deps }) {
    const [{ flattenSettings }, { formatSetting }] = await Promise.all([
      import("../../../config/flatten.js"),
      import("../../../config/format-setting.js"),
    ]);
    const { settings, origins, files } = await deps.configWithPositions();
    const rows = flattenSettings(settings).map(([key, value]) => ({
      key,
      value: value ?? null,
      shown: formatSetting(key, value),
      origin: origins.get(key) ?? { source: "default" as const },
    }));
    return {
      data: { files, settings: rows.map(({ key, value, origin }) => ({ key, value, origin })) },
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

interface Row {
  readonly key: string;
  readonly shown: string;
  readonly origin: Origin;
}

/** A list that several layers may add to has a line for each entry. */
function originRows({ key, shown, origin }: Row): string[][] {
  if (origin.entries === undefined) return [[key, shown, formatOrigin(origin)]];
  return origin.entries.map((entry) => [key, JSON.stringify(entry.value), formatOrigin(entry.origin)]);
}
