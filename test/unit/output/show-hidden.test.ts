import { expect, test } from "vitest";
import { showHidden } from "../../../src/output/show-hidden.js";

test("what a terminal would hide is written out, and nothing else is touched", () => {
  expect(showHidden("npm ci && echo 'grün ✓ 日本'")).toBe("npm ci && echo 'grün ✓ 日本'");
  expect(showHidden("a\u001b[2Kb\r\u202ec\u200bd\u00a0e\u3164f\u{e0041}")).toBe(
    "a\\u{1b}[2Kb\\u{d}\\u{202e}c\\u{200b}d\\u{a0}e\\u{3164}f\\u{e0041}",
  );
});
