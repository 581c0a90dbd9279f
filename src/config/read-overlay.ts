import { agentOfOverlay } from "./agent-overlay.js";
import type { CheckContext, CheckedFile } from "./check.js";
import type { FoundOverlay } from "./find.js";
import type { LayerSettings, Origin } from "./layer.js";
import type { Locate } from "./locate.js";
import type { Problem } from "./problems.js";
import type { FileKind } from "./shape.js";
import type { SourceFile } from "./source-file.js";

/** One file of an overlay. */
export interface OverlayPart {
  readonly source: SourceFile;
  readonly settings: LayerSettings;
  readonly origin: Origin;
  readonly locate: () => Promise<Locate>;
  /** Names of the user's variables that it puts into settings. */
  readonly variables: readonly string[];
}

export interface Overlay {
  readonly name: string;
  readonly dir: string;
  readonly description: string | undefined;
  /** The index of the one agent it is for. */
  readonly agent: number | undefined;
  /** Names of overlays that come before it. */
  readonly extends: readonly string[];
  /** Lowest first. */
  readonly parts: readonly OverlayPart[];
  /** What it asks for and agents have otherwise: `file:line:col: …`. */
  readonly notes: readonly string[];
  /** Something wrong with an entry of `extends`, at its place. */
  placeExtends(index: number, message: string, hint?: string): Promise<Problem>;
}

/** Reads an overlay's files. @throws DevkitError E_CONFIG */
export async function readOverlay(
  { name, dir, compose, toml }: FoundOverlay,
  context: Omit<CheckContext, "agent">,
): Promise<Overlay> {
  const { checkFile, placeFindings } = await import("./check.js");
  const agent = agentOfOverlay(name);
  const read = async (
    source: SourceFile | undefined,
    kind: FileKind,
  ): Promise<(CheckedFile & OverlayPart) | undefined> => {
    if (source === undefined) return undefined;
    const origin = { source: "overlay", file: source.shownAs, overlay: name } as const;
    return { ...(await checkFile(source, kind, { ...context, agent })), source, origin };
  };
  const lower = await read(compose, "compose");
  const upper = await read(toml, "overlay");
  return {
    name,
    dir,
    description: upper?.description,
    agent: upper?.agent ?? agent,
    extends: upper?.extends ?? [],
    parts: [lower, upper].filter((part) => part !== undefined),
    notes: [],
    async placeExtends(index, message, hint) {
      const finding = { path: ["extends", index], part: "value", message } as const;
      const findings = [{ ...finding, ...(hint === undefined ? {} : { hint }) }];
      const [problem] = toml === undefined ? [] : await placeFindings(toml, findings);
      return problem ?? { file: dir, message };
    },
  };
}
