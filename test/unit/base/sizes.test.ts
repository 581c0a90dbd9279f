import { expect, test } from "vitest";
import { formatSize, parseSize } from "../../../src/base/sizes.js";

test.each([
  ["0", 0],
  ["512", 512],
  ["512b", 512],
  ["1k", 1024],
  ["1kb", 1024],
  ["1KiB", 1024],
  ["512m", 512 * 1024 ** 2],
  ["4g", 4 * 1024 ** 3],
  ["1.5GiB", 1.5 * 1024 ** 3],
  [" 2T ", 2 * 1024 ** 4],
])("%j is %d bytes", (text, bytes) => {
  expect(parseSize(text)).toBe(bytes);
});

test.each(["", "g", "-1g", "1,5g", "1e9", "4 gigs", "4gg", "0x10", "Infinity", "1.g", ".5g", "4g\n4g"])(
  "%j is not a size",
  (text) => {
    expect(parseSize(text)).toBeUndefined();
  },
);

test.each([
  [0, "0 B"],
  [1023, "1023 B"],
  [1024, "1.0 KiB"],
  [1536, "1.5 KiB"],
  [150 * 1024, "150 KiB"],
  [4 * 1024 ** 3, "4.0 GiB"],
  [5000 * 1024 ** 4, "5000 TiB"],
])("%d bytes are shown as %s", (bytes, text) => {
  expect(formatSize(bytes)).toBe(text);
});
