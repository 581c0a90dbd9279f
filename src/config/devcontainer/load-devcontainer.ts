import path from "node:path";
import type { Overlay } from "../read-overlay.js";
import { watchVariables } from "../watch-variables.js";
import { requireDevcontainer } from "./find-devcontainer.js";
import { type DevcontainerContext, readDevcontainer } from "./read-devcontainer.js";

/** The repository's devcontainer.json as an overlay. @throws DevkitError E_CONFIG, E_OVERLAY_UNKNOWN */
export async function loadDevcontainer(name: string, context: DevcontainerContext): Promise<Overlay> {
  const source = await requireDevcontainer(name, context.root);
  const { variables, found } = watchVariables(context.env);
  const { settings, locate, notes } = await readDevcontainer(source, { ...context, env: variables });
  const origin = { source: "overlay", file: source.shownAs, overlay: name } as const;
  return {
    name,
    dir: path.dirname(source.path),
    description: undefined,
    agent: undefined,
    extends: [],
    parts: [{ source, settings, origin, locate: () => Promise.resolve(locate), variables: found() }],
    notes,
    placeExtends: (_index, message) => Promise.resolve({ file: source.shownAs, message }),
  };
}
