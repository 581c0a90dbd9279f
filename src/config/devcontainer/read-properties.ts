import { quoteText } from "../../base/show-text.js";
import type { SettingPath } from "../locate.js";
import { entriesOf, valueAt } from "./jsonc.js";
import { findProperty, PARENTS, PROPERTIES, type EffectiveName } from "./properties.js";
import { READERS } from "./readers.js";
import { didYouMean, type Reading } from "./reading.js";

/** Names what is not supported, and reads everything that has an effect. */
export function readProperties(reading: Reading): void {
  const isCompose = valueAt(reading.data, ["dockerComposeFile"]) !== undefined;
  for (const [path, value] of properties(reading)) {
    const name = path.join(".");
    const property = findProperty(name);
    if (property === undefined) refuseUnknown(path, reading);
    else if (property.holds === "refused" && !isNothing(value)) {
      // Of what belongs to Compose one error says it all.
      if (isCompose && ["service", "runServices"].includes(name)) continue;
      const hint = HINTS[name];
      const more = hint === undefined ? {} : { hint };
      reading.unsupported(path, `${name} is not supported: ${property.how}`, { part: "key", ...more });
    }
  }
  for (const [name, read] of Object.entries(READERS)) {
    const path = name.split(".");
    const value = valueAt(reading.data, path);
    if (value !== undefined) read(value, path, reading);
  }
}

const HINTS: Readonly<Record<string, string>> = {
  dockerComposeFile:
    "name the service's image in an overlay of its own, and choose that instead: .devkit-overlays/NAME/compose.override.yml",
};

/** All properties of the file, those of tables by themselves. */
function properties(reading: Reading): [SettingPath, unknown][] {
  return (entriesOf(reading.data) ?? []).flatMap(([name, value]): [SettingPath, unknown][] =>
    PARENTS.includes(name)
      ? reading.members(value, [name]).map(([inner, one]) => [[name, inner], one])
      : [[[name], value]],
  );
}

function refuseUnknown(path: SettingPath, reading: Reading): void {
  const prefix = path.length > 1 ? `${String(path[0])}.` : "";
  const names = Object.keys(PROPERTIES as Readonly<Record<EffectiveName, unknown>>)
    .filter((name) => name.startsWith(prefix) && (prefix !== "" || !name.includes(".")))
    .concat(prefix === "" ? PARENTS : [])
    .map((name) => name.slice(prefix.length));
  const name = String(path.at(-1));
  const where = prefix === "" ? "" : ` in ${String(path[0])}`;
  const guess = didYouMean(name, names);
  const hint = guess.startsWith("did you mean") ? { hint: guess } : {};
  reading.unsupported(path, `unknown property ${quoteText(name)}${where}`, { part: "key", ...hint });
}

/** A value that asks for nothing. */
function isNothing(value: unknown): boolean {
  if (typeof value === "object" && value !== null) return Object.keys(value).length === 0;
  return value === null || value === false || value === "" || value === "optional";
}
