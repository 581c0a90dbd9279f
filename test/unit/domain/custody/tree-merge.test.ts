import { expect, test } from "vitest";
import { parseTreeMerge } from "../../../../src/domain/custody/tree-merge.js";

const TREE = "1".repeat(40);
const message = (...parts: string[]) => [String(parts.length - 2), ...parts];
const text = (...records: string[]) => `${records.join("\0")}\0`;

test("a clean merge is its tree, whatever it says besides", () => {
  expect(parseTreeMerge(text(TREE))).toEqual({ tree: TREE, conflicts: [] });
  const said = message("f", "Auto-merging", "Auto-merging f\n");
  expect(parseTreeMerge(text(TREE, "", ...said))).toEqual({ tree: TREE, conflicts: [] });
});

test("each file comes with the kinds of its conflicts, also one with a line end in its name", () => {
  const records = [
    ...[TREE, "bin", "a\nb", ""],
    ...message("bin", "Auto-merging", "Auto-merging bin\n"),
    ...message("bin", "CONFLICT (binary)", "warning: cannot\n"),
    ...message("bin", "CONFLICT (contents)", "CONFLICT (add/add)\n"),
    ...message("a\nb", "other", "CONFLICT (rename/rename)", "two paths\n"),
  ];
  expect(parseTreeMerge(text(...records)).conflicts).toEqual([
    { path: "bin", kinds: ["binary", "contents"] },
    { path: "a\nb", kinds: ["rename/rename"] },
  ]);
});

test("files without messages are still files in conflict", () => {
  expect(parseTreeMerge(text(TREE, "f")).conflicts).toEqual([{ path: "f", kinds: [] }]);
});
