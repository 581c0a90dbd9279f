import type { PrunedCaches } from "../../../app/caches/prune-caches.js";
import { parseDuration } from "../../../base/durations.js";
import { cacheData, placeText, sizeText } from "../../../output/views/caches.js";
import { defineCommand, flag, text } from "../../command.js";
import { toolOption, toolsOf } from "./tool-option.js";

const DEFAULT_AGE = "30d";

export const cachePrune = defineCommand({
  path: "cache prune",
  summary: "Say which download caches may go and why, and with --apply empty those",
  description:
    `A tool's cache goes as a whole, when nothing of it was used for ${DEFAULT_AGE}. What an agent that runs has on top of the base stays. ` +
    "An install that is under way while its shared cache is emptied may have to be run again. What is among the shared caches and is none goes too. Bases that newer ones have replaced go when no agent with layered caches runs.",
  arguments: [],
  options: {
    tool: toolOption,
    olderThan: text(
      "--older-than <time>",
      `unused for so long: 12h, 30d; by default ${DEFAULT_AGE}`,
      (raw) => {
        if (parseDuration(raw) === undefined) throw new TypeError(`"${raw}" is no time such as 12h or 30d.`);
        return raw;
      },
    ),
    all: flag("--all", "whenever they were used"),
    apply: flag("--apply", "empty what may go; without it nothing is changed"),
  },
  examples: ["devkit cache prune", "devkit cache prune --tool npm --all --apply"],
  json: "{ applied, caches: [{ tool, place, agent: string|null, bytes, files, complete, lastUsed: RFC 3339|null, users, removable, removed, reason }], strays: { count, removed }, oldBases: { count, removable, removed } }",
  async run({ options, deps }) {
    const { pruneCaches } = await import("../../../app/caches/prune-caches.js");
    const pruned = await pruneCaches(await deps.projectDeps(), {
      tools: toolsOf(options.tool),
      olderThanMs: options.all ? undefined : parseDuration(options.olderThan ?? DEFAULT_AGE),
      apply: options.apply,
      now: new Date(),
    });
    const caches = pruned.caches.map((one) => {
      const { removable, removed, reason } = one;
      return { ...cacheData(one), removable, removed, reason };
    });
    return {
      data: { applied: options.apply, caches, strays: pruned.strays, oldBases: pruned.oldBases },
      human: () => toText(pruned, options.apply),
    };
  },
});

function toText({ caches, strays, oldBases }: PrunedCaches, applied: boolean): string {
  const lines = caches.map((one) => {
    const verb = one.removed ? "emptied" : one.removable ? "may go" : "kept";
    return `${one.tool} (${placeText(one)}, ${sizeText(one)})  ${verb}: ${one.reason}`;
  });
  if (strays.count > 0)
    lines.push(
      `${String(strays.count)} other entries (shared)  ${strays.removed ? "removed" : "may go"}: no caches`,
    );
  if (oldBases.count > 0) {
    const verb = oldBases.removed
      ? "removed"
      : oldBases.removable
        ? "may go"
        : "kept: agents that have one run";
    lines.push(`${String(oldBases.count)} older bases  ${verb}`);
  }
  if (lines.length === 0) return "The caches are empty.";
  const isLeft = strays.count > 0 || oldBases.removable || caches.some(({ removable }) => removable);
  return [...lines, ...(isLeft && !applied ? ["To empty what may go: add --apply"] : [])].join("\n");
}
