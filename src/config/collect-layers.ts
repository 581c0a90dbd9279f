import type { DevkitError } from "../base/errors.js";
import { agentOfOverlay } from "./agent-overlay.js";
import { findConfigFile, findOverlayNames, overlayUnknown, unknownOverlayMessage } from "./find.js";
import type { Layer } from "./layer.js";
import type { ConfigRequest } from "./load.js";
import { createOverlayStack } from "./overlay-stack.js";
import { ownOverlaysDir } from "./overlay-dirs.js";
import type { Problem } from "./problems.js";
import type { Overlay } from "./read-overlay.js";
import type { SourceFile } from "./source-file.js";

/** Layers with the paths of their files, lowest first. */
export interface CollectedLayers {
  readonly layers: readonly Layer[];
  readonly files: readonly string[];
  /** What a devcontainer.json asks for and agents have otherwise: `file:line:col: …`. */
  readonly notes: readonly string[];
}

/**
 * Reads all that is in force: devkit.toml, the overlays it names, the repository's own for single agents, those of `-p`.
 * @throws DevkitError E_CONFIG, E_OVERLAY_UNKNOWN
 */
export async function collectLayers(request: ConfigRequest): Promise<CollectedLayers> {
  const config = await findConfigFile(request.root, request.configFile);
  const base = config === undefined ? undefined : await readConfigLayer(config, request);
  const stack = createOverlayStack(request, base);
  const find = async (name: string, unknown: () => Promise<DevkitError>): Promise<Overlay> => {
    const overlay = await stack.find(name);
    if (overlay === undefined) throw await unknown();
    return overlay;
  };
  const dirs = request.overlayDirs;
  for (const [index, name] of (base?.settings.project?.overlays ?? []).entries()) {
    const unknown = async () => overlayUnknown(name, dirs, await placeOverlay(config, name, index));
    await stack.add(await find(name, unknown));
  }
  for (const name of await findAgentOverlays(ownOverlaysDir(request.root))) {
    const overlay = await stack.find(name, [ownOverlaysDir(request.root)]);
    if (overlay !== undefined) await stack.add(overlay);
  }
  for (const name of request.overlays) {
    await stack.addAgain(await find(name, () => overlayUnknown(name, dirs, undefined)));
  }
  return {
    layers: [...(base === undefined ? [] : [base]), ...stack.layers],
    files: [...new Set([...(config === undefined ? [] : [config.path]), ...stack.files])],
    notes: stack.notes,
  };
}

// The parser and the schema are loaded only when there is a file: most projects have none, and start-up counts.
async function readConfigLayer(source: SourceFile, request: ConfigRequest): Promise<Layer> {
  const { checkFile } = await import("./check.js");
  const { settings, locate, variables } = await checkFile(source, "project", request);
  const origin = { source: "file", file: source.shownAs } as const;
  return {
    settings,
    agent: undefined,
    origin,
    variables,
    locate: request.positions === true ? await locate() : undefined,
  };
}

/** Names like `agent2`, in the order of agents. */
async function findAgentOverlays(dir: string): Promise<string[]> {
  const names = await findOverlayNames(dir);
  return names
    .filter((name) => agentOfOverlay(name) !== undefined)
    .sort((a, b) => (agentOfOverlay(a) ?? 0) - (agentOfOverlay(b) ?? 0));
}

/** Where devkit.toml names an overlay that does not exist. */
async function placeOverlay(
  config: SourceFile | undefined,
  name: string,
  index: number,
): Promise<Problem | undefined> {
  if (config === undefined) return undefined;
  const { placeFindings } = await import("./check.js");
  const place = ["project", "overlays", index];
  const message = unknownOverlayMessage(name);
  const [problem] = await placeFindings(config, [{ path: place, part: "value", message }]);
  return problem;
}
