import { expect, test } from "vitest";
import { pathText, showPath, showPaths, toRawPath } from "../../../../src/domain/custody/raw-path.js";

const latin = Buffer.from([0x66, 0xe9]).toString("latin1");

test.each([
  ["src/app.js", "src/app.js"],
  ["with space", "with space"],
  ["größe/日本", "größe/日本"],
  ["new\nline", '"new\\nline"'],
  ["esc\u001b[31m", '"esc\\033[31m"'],
  ['quote"', '"quote\\""'],
  ["back\\slash", '"back\\\\slash"'],
  ["c1\u009b31m", '"c1\\302\\23331m"'],
  ["right\u202eleft", '"right\\342\\200\\256left"'],
])("%j is shown as %s", (name, shown) => {
  expect(showPath(toRawPath(name))).toBe(shown);
});

test("a document has the name itself", () => {
  expect(pathText(toRawPath("new\nline é"))).toBe("new\nline é");
});

test("what is not UTF-8 is quoted in both, byte by byte", () => {
  expect(showPath(latin)).toBe('"f\\351"');
  expect(pathText(latin)).toBe('"f\\351"');
});

test("many are cut short with their number", () => {
  expect(showPaths(["a", "b"])).toBe("a, b");
  const many = Array.from({ length: 13 }, (_, index) => String(index));
  expect(showPaths(many)).toBe("0, 1, 2, 3, 4, 5, 6, 7, 8, 9, and 3 more");
});
