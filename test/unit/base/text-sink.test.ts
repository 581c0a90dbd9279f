import { once } from "node:events";
import { expect, test } from "vitest";
import { createTextSink } from "../../../src/base/text-sink.js";

async function write(limit: number, ...chunks: (string | Buffer)[]) {
  const sink = createTextSink(limit);
  for (const chunk of chunks) sink.stream.write(chunk);
  sink.stream.end();
  await once(sink.stream, "finish");
  return { text: sink.text(), truncated: sink.truncated() };
}

test("keeps everything up to the limit", async () => {
  expect(await write(6, "abc", "def")).toEqual({ text: "abcdef", truncated: false });
  expect(await write(6)).toEqual({ text: "", truncated: false });
});

test("keeps the end of more than that, and says so", async () => {
  expect(await write(4, "abc", "def", "g")).toEqual({ text: "defg", truncated: true });
  expect(await write(2, "abcdef")).toEqual({ text: "ef", truncated: true });
});

test("a limit of nothing keeps nothing", async () => {
  expect(await write(0, "abc")).toEqual({ text: "", truncated: true });
});

test("a character in two chunks is one character", async () => {
  const bytes = Buffer.from("ä");
  expect(await write(10, bytes.subarray(0, 1), bytes.subarray(1))).toEqual({ text: "ä", truncated: false });
});

test("what comes later does not change with the writer's buffer", async () => {
  const sink = createTextSink(10);
  const buffer = Buffer.from("abc");
  await new Promise<void>((resolve) => {
    sink.stream.write(buffer, () => {
      resolve();
    });
  });
  buffer.fill("x");
  expect(sink.text()).toBe("abc");
});
