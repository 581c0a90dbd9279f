import path from "node:path";
import { canHoldWorktree } from "../domain/custody/mounts.js";
import { isTable } from "./parse.js";
import { showValue } from "./show-value.js";
import { accepted, tableOfText } from "./value-schemas.js";

/** A further place of the worktree. */
export function workspacePlace() {
  return accepted(
    (text) =>
      text === path.posix.normalize(text) && /^\/\P{Cc}*[^/\p{Cc}]$/u.test(text) && canHoldWorktree(text),
    'a place of its own for the worktree, such as "/workspaces/app", where nothing of the system or of devkit is',
  );
}

/** Features by name, their options as JSON. */
export function features() {
  return tableOfText(`{ "ghcr.io/devcontainers/features/node:1" = '{"version":"22"}' }`, (key, value) => {
    if (!/^(?:\/|https:\/\/|[^\s./][^\s/]*\/)\P{Cc}+$/u.test(key))
      return [{ part: "key", message: "is not the name of a feature, nor the absolute path of one" }];
    if (typeof value === "string" && isJson(value)) return [];
    return [{ part: "value", message: `must be its options as JSON, such as '{}', not ${showValue(value)}` }];
  });
}

function isJson(text: string): boolean {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "string" || isTable(value);
  } catch {
    return false;
  }
}
