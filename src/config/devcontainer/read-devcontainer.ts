import type { Variables as UserVariables } from "../interpolate.js";
import path from "node:path";
import type { Settings } from "../../domain/settings/settings.js";
import { toProblems, validateSettings } from "../check.js";
import type { LayerSettings } from "../layer.js";
import type { Locate } from "../locate.js";
import { configError, formatProblem } from "../problems.js";
import { showValue } from "../show-value.js";
import type { SourceFile } from "../source-file.js";
import { withoutIgnored } from "./ignored.js";
import { entriesOf, parseJsonc, valueAt } from "./jsonc.js";
import { readProperties } from "./read-properties.js";
import { setWorkspace, workspacePlaces } from "./read-workspace.js";
import { createReading, type Read, type Reading } from "./reading.js";
import { devcontainerId, substituteAll, type Variables } from "./variables.js";

export interface DevcontainerContext {
  /** The primary's root. */
  readonly root: string;
  /** What holds without this file. */
  readonly below: Settings;
  readonly env: UserVariables;
}

/** What a devcontainer.json sets. */
export interface DevcontainerLayer {
  readonly settings: LayerSettings;
  /** From the path of a setting to the place in devcontainer.json that asks for it. */
  readonly locate: Locate;
  /** What holds differently enough to say so: `file:line:col: …`. */
  readonly notes: readonly string[];
}

/** Reads a devcontainer.json as a layer of settings. @throws DevkitError E_CONFIG with every problem of the file. */
export async function readDevcontainer(
  source: SourceFile,
  context: DevcontainerContext,
): Promise<DevcontainerLayer> {
  const { data: written, locate } = await parseJsonc(source);
  if (entriesOf(written) === undefined) {
    const message = `the file must hold an object, not ${written === null ? "null" : showValue(written)}`;
    throw configError([{ file: source.shownAs, line: 1, column: 1, message }]);
  }
  const kept = withoutIgnored(written);
  const { data, places } = replaceVariables(kept.data, source, context);
  const read = createReading({
    ...context,
    data,
    dir: path.dirname(source.path),
    workspacePlace: places.place,
  });
  const { reading, findings, notes } = read;
  readProperties(reading);
  setWorkspace(places, reading);
  noteImage(reading);
  refuseContainerVariables(read);
  const checked = validateSettings(reading.known);
  const ofSettings = checked.findings.map((one) => ({ ...one, path: read.sourceOf(one.path) }));
  const all = [...kept.findings, ...findings, ...ofSettings];
  const [first, ...others] = toProblems(source, all, locate);
  if (first !== undefined) throw configError([first, ...others]);
  const noted = toProblems(
    source,
    notes.map((note) => ({ ...note, part: "value" })),
    locate,
  );
  return {
    settings: checked.settings ?? {},
    locate: (setting, part) => locate(read.sourceOf(setting), part),
    notes: noted.map(formatProblem),
  };
}

/** The folder in the container can be named with variables itself, but not with its own. */
function replaceVariables(data: unknown, source: SourceFile, { root, env }: DevcontainerContext) {
  const local: Variables = {
    localWorkspaceFolder: root,
    containerWorkspaceFolder: undefined,
    devcontainerId: devcontainerId(root, path.relative(root, source.path)),
    env,
  };
  const places = workspacePlaces(substituteAll(data, local), root);
  return { data: substituteAll(data, { ...local, containerWorkspaceFolder: places.folder }), places };
}

function noteImage(reading: Reading): void {
  const names = [["image"], ["dockerFile"], ["build", "dockerfile"], ["dockerComposeFile"]];
  if (names.every((name) => valueAt(reading.data, name) === undefined))
    reading.note([], `it names no image, so agents' is built on ${reading.below.image.base}`);
}

/** Before there is a container nobody knows its variables; in variables and commands the container puts them in. */
function refuseContainerVariables({ reading, sourceOf }: Read): void {
  for (const [table, keys] of Object.entries(reading.known)) {
    for (const [key, value] of Object.entries(keys)) {
      const isLater = table === "hooks" || (table === "container" && key === "env");
      if (!isLater && JSON.stringify(value).includes("${containerEnv:"))
        reading.refuse(
          sourceOf([table, key]),
          "${containerEnv:…} has no value here, before there is a container",
        );
    }
  }
}
