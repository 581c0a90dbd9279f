import { errorMessage, systemErrorCode } from "../../base/errors.js";

const REASONS: Readonly<Record<string, string>> = {
  ENOENT: "there is no such file or directory",
  EISDIR: "it is a directory",
  ENOTDIR: "it is no directory",
  EACCES: "you may not",
};

/** Why something of the user's cannot be opened, in words. */
export function reasonOf(error: unknown): string {
  return REASONS[systemErrorCode(error) ?? ""] ?? errorMessage(error);
}
