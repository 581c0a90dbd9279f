import { expect, test } from "vitest";
import { createVisibleControls } from "../../../src/output/visible-controls.js";
import { collect } from "../../support/live-process.js";

async function show(...chunks: Buffer[]): Promise<string> {
  const stream = createVisibleControls();
  for (const chunk of chunks) stream.write(chunk);
  stream.end();
  return (await collect(stream)).toString("latin1");
}

test("control characters are shown, text in any language, tabs and line ends stay", async () => {
  expect(await show(Buffer.from("a\tb\n\u001b[31mred\u0007\r\u007f"))).toBe("a\tb\n^[[31mred^G^M^?");
  expect(await show(Buffer.from("größe 日本"))).toBe(Buffer.from("größe 日本").toString("latin1"));
});

test("the upper control characters too, also where a chunk ends between their bytes", async () => {
  const bytes = Buffer.from("\u009b31m");
  expect(await show(bytes)).toBe("<9b>31m");
  expect(await show(bytes.subarray(0, 1), bytes.subarray(1))).toBe("<9b>31m");
  expect(await show(Buffer.from([0xc2]))).toBe("\u00c2");
});
