import { CACHE_NAMES, type CacheName } from "../../../domain/caches/cache-names.js";
import { text } from "../../command.js";

/** The option that limits a command to one tool's caches. */
export const toolOption = text("--tool <tool>", `only this one: ${CACHE_NAMES.join(", ")}`, (raw) => {
  if (findTool(raw) === undefined) throw new TypeError(`"${raw}" is none of ${CACHE_NAMES.join(", ")}.`);
  return raw;
});

/** The tools an option names; undefined: all. */
export function toolsOf(option: string | undefined): readonly CacheName[] | undefined {
  const tool = findTool(option);
  return tool && [tool];
}

const findTool = (name: string | undefined) => CACHE_NAMES.find((one) => one === name);
