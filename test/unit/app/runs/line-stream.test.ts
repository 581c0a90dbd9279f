import { finished } from "node:stream/promises";
import { expect, test } from "vitest";
import { createLineStream } from "../../../../src/app/runs/line-stream.js";

async function linesOf(...chunks: (string | Buffer)[]): Promise<string[]> {
  const lines: string[] = [];
  const stream = createLineStream((line) => {
    lines.push(line);
    return Promise.resolve();
  });
  for (const chunk of chunks) stream.write(Buffer.from(chunk));
  stream.end();
  await finished(stream);
  return lines;
}

test("lines come whole, wherever the chunks are cut, and the last one without its end", async () => {
  expect(await linesOf("on", "e\ntw", "o\r", "\nthree\rfour\n\nend")).toEqual([
    ...["one", "two", "three", "four", "", "end"],
  ]);
  const euro = Buffer.from("€\n");
  expect(await linesOf(euro.subarray(0, 1), euro.subarray(1))).toEqual(["€"]);
  expect(await linesOf("50 %\r", "100 %\r")).toEqual(["50 %", "100 %"]);
  expect(await linesOf()).toEqual([]);
});

test("nothing in a line can act on a terminal", async () => {
  expect(await linesOf("\u001b[31mred\u001b[0m \u001b]0;title\u0007\u001b[2J\u202ex\n")).toEqual([
    "red ·]0;title··[2J·x",
  ]);
});

test("nothing in a line is a command to the CI that it is printed in", async () => {
  const commands = [
    "::add-mask::x",
    "  ::set-output name=a::b",
    "\u00ad::stop-commands::t",
    "a ##[add-mask]x",
  ];
  expect(await linesOf([...commands, "#\u001b[0m#[group]x", "##vso[task.x]"].join("\n"))).toEqual([
    ...["·:add-mask::x", "  ·:set-output name=a::b", "\u00ad·:stop-commands::t", "a #·[add-mask]x"],
    ...["#·[group]x", "#·vso[task.x]"],
  ]);
  const others = ["::std::vector", "::1", "## [x]", "a::b::c", "### title"];
  expect(await linesOf(others.join("\n"))).toEqual(["·:std::vector", ...others.slice(1)]);
});

test("a line without an end is told in pieces", async () => {
  const lines = await linesOf("x".repeat(20_000), "y\n");
  expect(lines.map(({ length }) => length)).toEqual([8192, 8192, 3617]);
});
