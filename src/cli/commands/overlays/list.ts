import type { OverlaySummary } from "../../../config/list-overlays.js";
import type { Layer } from "../../../config/layer.js";
import { isDevkitError } from "../../../base/errors.js";
import { showText } from "../../../base/show-text.js";
import { formatTable } from "../../../output/views/table.js";
import { defineCommand, flag } from "../../command.js";

export const overlayList = defineCommand({
  path: "overlay list",
  summary: "List the overlays there are, and which are in force",
  description:
    "Lists the overlays of the repository (.devkit-overlays), the user's own and those that come with devkit; of two with one name the first. In force are " +
    "those of devkit.toml and of -p, those they extend, and the repository's own for single agents. A broken one is listed with what is wrong.",
  arguments: [],
  options: { quiet: flag("-q, --quiet", "print names only") },
  examples: [
    "devkit overlay list",
    "devkit -p small overlay list --json | jq '.data.overlays[] | select(.inForce)'",
  ],
  json: '{ overlays: [{ name, from: "repository"|"user"|"shipped", directory, description: string|null, agent: number|null, extends: [name], inForce, problem: string|null }] }',
  async run({ options, deps, reporter }) {
    const { listOverlays } = await import("../../../config/list-overlays.js");
    const found = await listOverlays(await deps.configRequest());
    const names = new Set((await layersInForce()).map(({ origin }) => origin.overlay));
    const overlays = found.map((overlay) => toData(overlay, names.has(overlay.name)));
    return {
      data: { overlays },
      human: () =>
        options.quiet
          ? overlays.map(({ name }) => name).join("\n")
          : formatTable(["OVERLAY", "FROM", "IN FORCE", "WHAT"], overlays.map(toRow)),
    };

    /** A mistake in one that is in force must not hide the list. */
    async function layersInForce(): Promise<readonly Layer[]> {
      try {
        return (await deps.config()).layers;
      } catch (error) {
        if (!isDevkitError(error)) throw error;
        reporter.warn(`what is in force is not known: ${error.message}`);
        return [];
      }
    }
  },
});

function toData(
  { name, from, dir, description, agent, extends: below, problem }: OverlaySummary,
  inForce: boolean,
) {
  return {
    name,
    from,
    directory: dir,
    description: description ?? null,
    agent: agent ?? null,
    extends: below,
    inForce,
    problem: problem ?? null,
  };
}

function toRow({ name, from, description, agent, inForce, problem }: ReturnType<typeof toData>): string[] {
  const force = !inForce ? "" : agent === null ? "yes" : `agent ${String(agent)}`;
  return [name, from, force, showText(problem === null ? (description ?? "") : `broken: ${problem}`)];
}
