import {
  formatLocalHead,
  formatLocalTopic,
  formatStaged,
  LOCAL_LIMITS,
  parseLocalHead,
  parseLocalTopic,
  parseStaged,
  type LocalFile,
} from "../../domain/checks/local-files.js";
import type { LocalState } from "../ports-local-state.js";

/** Texts of the files in `.devkit` of a worktree, for whoever cannot look there. */
export type ToldFiles = { readonly [K in LocalFile]?: string | undefined };

/**
 * The local state of somebody who has said what is in their files, and writes there themselves: `write` says what,
 * null for nothing. What they say is as hostile as the files are.
 */
export function createToldState(
  files: ToldFiles,
  write: (file: LocalFile, text: string | null) => void,
): LocalState {
  const told = new Map<LocalFile, string>();
  for (const file of ["head", "staged", "topic"] as const) {
    const text = files[file];
    if (text !== undefined && Buffer.byteLength(text) <= LOCAL_LIMITS[file]) told.set(file, text);
  }
  const set = (file: LocalFile, text: string | undefined) => {
    if (text === undefined) told.delete(file);
    else told.set(file, text);
    write(file, text ?? null);
  };
  return {
    head: () => parseLocalHead(told.get("head") ?? ""),
    setHead(id) {
      set("head", id && formatLocalHead(id));
    },
    staged: () => parseStaged(told.get("staged") ?? ""),
    setStaged(staged) {
      set("staged", staged.length === 0 ? undefined : formatStaged(staged));
    },
    topic: () => parseLocalTopic(told.get("topic") ?? ""),
    setTopic(id) {
      set("topic", id && formatLocalTopic(id));
    },
  };
}
