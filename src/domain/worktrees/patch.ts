import { createHash } from "node:crypto";

/**
 * What a patch changes, wherever in its files that is: `git patch-id --verbatim` (which git has since 2.39), except
 * that binary files count by their content. `diff`: of `git diff-tree -p --full-index`.
 */
export function patchFingerprint(diff: string): string {
  const hash = createHash("sha256");
  for (const file of diff.split(/^(?=diff --git )/m)) {
    const isBinary = /^Binary files .* differ$/m.test(file);
    for (const line of file.split("\n")) {
      if (line.startsWith("index ") && !isBinary) continue;
      hash.update(line.startsWith("@@ ") ? "@@" : line);
      hash.update("\n");
    }
  }
  return hash.digest("hex");
}
