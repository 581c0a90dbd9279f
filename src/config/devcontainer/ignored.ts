import { quoteText } from "../../base/show-text.js";
import type { SettingPath } from "../locate.js";
import type { Finding } from "../shape.js";
import { entriesOf, valueAt } from "./jsonc.js";
import { PARENTS } from "./properties.js";
import { didYouMean } from "./reading.js";

const PLACE = ["customizations", "devkit"] as const;

/** The file without the properties that it says itself agents can do without, in `customizations.devkit.ignore`. */
export function withoutIgnored(data: unknown): { data: unknown; findings: Finding[] } {
  const own = valueAt(data, PLACE);
  if (own === undefined) return { data, findings: [] };
  const findings: Finding[] = [];
  const refuse = (path: SettingPath, message: string, hint: string, part: "key" | "value" = "value") => {
    findings.push({ path, part, message, hint });
  };
  const hint = `write "customizations": { "devkit": { "ignore": ["capAdd"] } }`;
  const members = entriesOf(own);
  if (members === undefined) refuse(PLACE, "customizations.devkit must be an object", hint);
  for (const [name] of members ?? []) {
    if (name !== "ignore")
      refuse([...PLACE, name], `unknown key ${quoteText(name)} in customizations.devkit`, hint, "key");
  }
  const ignore = valueAt(own, ["ignore"]) ?? [];
  if (!Array.isArray(ignore))
    refuse([...PLACE, "ignore"], "customizations.devkit.ignore must be a list", hint);
  const there = namesIn(data);
  const names = (Array.isArray(ignore) ? (ignore as unknown[]) : []).map(String);
  names.forEach((name, index) => {
    if (!there.includes(name))
      refuse([...PLACE, "ignore", index], `${quoteText(name)} is not in this file`, didYouMean(name, there));
  });
  return { data: without(data, "", names), findings };
}

function namesIn(data: unknown): string[] {
  return (entriesOf(data) ?? []).flatMap(([name, value]) =>
    PARENTS.includes(name) ? (entriesOf(value) ?? []).map(([inner]) => `${name}.${inner}`) : [name],
  );
}

function without(data: unknown, prefix: string, names: readonly string[]): unknown {
  const kept = (entriesOf(data) ?? []).filter(([name]) => !names.includes(`${prefix}${name}`));
  return Object.fromEntries(
    kept.map(([name, value]) => {
      const isParent = prefix === "" && PARENTS.includes(name) && entriesOf(value) !== undefined;
      return [name, isParent ? without(value, `${name}.`, names) : value];
    }),
  );
}
