import { expect, test } from "vitest";
import { parseChanges, parseRawChanges } from "../../../../src/domain/custody/file-changes.js";

const [A, B, ZERO] = ["a".repeat(40), "b".repeat(40), "0".repeat(40)];
const text = (...records: string[]) => `${records.join("\0")}\0`;

test("raw records and their counts are put together, renames and odd names too", () => {
  const parsed = parseChanges(
    text(
      ...[`:100644 100644 ${A} ${B} M`, "a\nb"],
      ...[`:100644 100644 ${A} ${B} R90`, "old", "new"],
      ...[`:000000 100644 ${ZERO} ${B} A`, "1\t2\tbin"],
      ...["3\t1\ta\nb", "1\t0\t", "old", "new", "-\t-\t1\t2\tbin"],
    ),
  );
  const plain = { oldPath: undefined };
  expect(parsed).toEqual([
    { ...plain, path: "a\nb", status: "modified", added: 3, deleted: 1 },
    { path: "new", oldPath: "old", status: "renamed", added: 1, deleted: 0 },
    { ...plain, path: "1\t2\tbin", status: "added", added: undefined, deleted: undefined },
  ]);
});

test("nothing is no change", () => {
  expect(parseChanges("")).toEqual([]);
  expect(parseRawChanges("")).toEqual([]);
});

test("raw changes have both modes and ids", () => {
  expect(parseRawChanges(text(`:100644 000000 ${A} ${ZERO} D`, "x y"))).toEqual([
    { path: "x y", oldMode: "100644", newMode: "000000", oldOid: A, newOid: ZERO },
  ]);
});
