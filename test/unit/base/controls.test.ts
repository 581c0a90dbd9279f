import { expect, test } from "vitest";
import { withoutControls } from "../../../src/base/controls.js";

test("text that somebody else wrote cannot move or colour the terminal", () => {
  const hostile = "a\u001b[31mred\u001b[0m\u0007\b\r\u009b2J\u007f\u0000z";
  expect(withoutControls(hostile)).toBe("a[31mred[0m2Jz");
});

test("it stays what it says: letters of any language, tabs, what looks like a code", () => {
  const text = "größe\t日本 😀 [31m \\u001b";
  expect(withoutControls(text)).toBe(text);
});

test("a line stays a line", () => {
  expect(withoutControls("one\ntwo")).not.toContain("\n");
});
