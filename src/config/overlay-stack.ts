import { DEFAULT_SETTINGS } from "../domain/settings/settings.js";
import { settingsOfAll } from "./agent-overlay.js";
import { findOverlay, overlayUnknown, unknownOverlayMessage } from "./find.js";
import { isDevcontainer } from "./devcontainer/find-devcontainer.js";
import { type Layer, layerSettings, layersOf } from "./layer.js";
import type { ConfigRequest } from "./load.js";
import { configError } from "./problems.js";
import { type Overlay, readOverlay } from "./read-overlay.js";

export interface OverlayStack {
  /** Lowest first. */
  readonly layers: readonly Layer[];
  /** Paths of the files that were put in. */
  readonly files: readonly string[];
  /** What they ask for and agents have otherwise. */
  readonly notes: readonly string[];
  readonly find: (name: string, dirs?: readonly string[]) => Promise<Overlay | undefined>;
  /** Puts an overlay on top, after those it extends; nothing that is there already. */
  readonly add: (overlay: Overlay) => Promise<void>;
  /** The same, but the overlay itself comes on top even when it is there already. */
  readonly addAgain: (overlay: Overlay) => Promise<void>;
}

interface Wanted {
  readonly overlay: Overlay;
  /** The agent that what extends it is for. */
  readonly agent: number | undefined;
  /** Names of the overlays that led here. */
  readonly chain: readonly string[];
  readonly again: boolean;
}

/** Puts overlays into their order, on top of `base`. */
export function createOverlayStack(request: ConfigRequest, base?: Layer): OverlayStack {
  const layers: Layer[] = [];
  const files: string[] = [];
  const notes: string[] = [];
  const known = new Map<string, Promise<Overlay | undefined>>();
  /** Names, with the agent they are there for: for all is for each. */
  const there = new Set<string>();
  const isThere = (name: string, agent: number | undefined) =>
    there.has(name) || (agent !== undefined && there.has(`${name} ${String(agent)}`));

  const find = (name: string, dirs = request.overlayDirs): Promise<Overlay | undefined> => {
    // Not kept: what it says depends on what is below it.
    if (isDevcontainer(name)) return readDevcontainer(name, request, [...(base ? [base] : []), ...layers]);
    const reading = known.get(name) ?? readFound(name, dirs, request);
    known.set(name, reading);
    return reading;
  };

  const put = async ({ overlay, agent: outer, chain, again }: Wanted): Promise<void> => {
    const agent = overlay.agent ?? outer;
    const isNew = !isThere(overlay.name, agent);
    if (!isNew && !again) return;
    for (const index of overlay.extends.keys()) {
      const path = [...chain, overlay.name];
      const below = await findBelow({ overlay, index, chain: path, agent, find, dirs: request.overlayDirs });
      await put({ overlay: below, agent, chain: path, again: false });
    }
    notes.push(...overlay.notes);
    there.add(agent === undefined ? overlay.name : `${overlay.name} ${String(agent)}`);
    for (const { settings, origin, locate, source, variables } of overlay.parts) {
      layers.push({
        settings,
        agent,
        origin,
        variables,
        locate: request.positions === true ? await locate() : undefined,
      });
      files.push(source.path);
    }
  };

  const start = (overlay: Overlay, again: boolean) => put({ overlay, agent: undefined, chain: [], again });
  return {
    layers,
    files,
    notes,
    find,
    add: (overlay) => start(overlay, false),
    addAgain: (overlay) => start(overlay, true),
  };
}

interface Below {
  readonly overlay: Overlay;
  /** Of its `extends`. */
  readonly index: number;
  /** Down to the overlay itself. */
  readonly chain: readonly string[];
  readonly agent: number | undefined;
  readonly find: (name: string) => Promise<Overlay | undefined>;
  readonly dirs: readonly string[];
}

/** The overlay that an entry of `extends` names. */
async function findBelow({ overlay, index, chain, agent, find, dirs }: Below): Promise<Overlay> {
  const name = overlay.extends[index] ?? "";
  if (chain.includes(name)) {
    const circle = [...chain.slice(chain.indexOf(name)), name].join(" → ");
    const message = `the overlay extends itself: ${circle}`;
    throw configError([await overlay.placeExtends(index, message, `take "${name}" out here`)]);
  }
  const below = await find(name);
  if (below === undefined) {
    throw await overlayUnknown(name, dirs, await overlay.placeExtends(index, unknownOverlayMessage(name)));
  }
  const clash = agent === undefined ? undefined : clashWith(below, agent);
  if (clash === undefined) return below;
  const message = `${overlay.name} is for agent ${String(agent)} alone, and "${name}" ${clash}`;
  throw configError([await overlay.placeExtends(index, message, `put "${name}" into [project] overlays`)]);
}

async function readFound(
  name: string,
  dirs: readonly string[],
  request: ConfigRequest,
): Promise<Overlay | undefined> {
  const found = await findOverlay(name, dirs, request.root);
  return found === undefined ? undefined : readOverlay(found, request);
}

async function readDevcontainer(
  name: string,
  request: ConfigRequest,
  below: readonly Layer[],
): Promise<Overlay> {
  const { loadDevcontainer } = await import("./devcontainer/load-devcontainer.js");
  const { settings } = layerSettings(DEFAULT_SETTINGS, layersOf(below, undefined));
  return loadDevcontainer(name, { root: request.root, env: request.variables, below: settings });
}

/** Why an overlay for one agent cannot extend another one. */
function clashWith(below: Overlay, agent: number): string | undefined {
  if (below.agent === agent) return undefined;
  if (below.agent !== undefined) return `is for agent ${String(below.agent)}`;
  const [first] = below.parts.flatMap(({ settings }) => settingsOfAll(settings));
  return first === undefined ? undefined : `sets ${first.join(".")}, which concerns all agents`;
}
