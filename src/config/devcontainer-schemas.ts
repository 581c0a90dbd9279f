import path from "node:path";
import * as v from "valibot";
import { canHoldWorktree } from "../domain/custody/mounts.js";
import { isTable } from "./parse.js";
import { showValue } from "./show-value.js";
import { accepted } from "./value-schemas.js";

/** A further place of the worktree. */
export function workspacePlace() {
  return accepted(
    (text) =>
      text === path.posix.normalize(text) && /^\/\P{Cc}*[^/\p{Cc}]$/u.test(text) && canHoldWorktree(text),
    'a place of its own for the worktree, such as "/workspaces/app", where nothing of the system or of devkit is',
  );
}

/** Features by name, their options as JSON: not `v.record`, which drops names like `constructor` without a word. */
export function features() {
  const example = `a table such as { "ghcr.io/devcontainers/features/node:1" = '{"version":"22"}' }`;
  return v.pipe(
    v.custom<Readonly<Record<string, unknown>>>(
      isTable,
      ({ input }) => `must be ${example}, not ${showValue(input)}`,
    ),
    v.rawTransform<Readonly<Record<string, unknown>>, Readonly<Record<string, string>>>(
      ({ dataset: { value: input }, addIssue }) => {
        const found: [string, string][] = [];
        for (const [key, value] of Object.entries(input)) {
          const refuse = (message: string, origin: "key" | "value") => {
            addIssue({ message, path: [{ type: "object", origin, input, key, value }] });
          };
          if (!/^(?:\/|https:\/\/|[^\s./][^\s/]*\/)\P{Cc}+$/u.test(key))
            refuse("is not the name of a feature, nor the absolute path of one", "key");
          else if (typeof value === "string" && isJson(value)) found.push([key, value]);
          else refuse(`must be its options as JSON, such as '{}', not ${showValue(value)}`, "value");
        }
        return Object.fromEntries(found);
      },
    ),
  );
}

function isJson(text: string): boolean {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "string" || isTable(value);
  } catch {
    return false;
  }
}
