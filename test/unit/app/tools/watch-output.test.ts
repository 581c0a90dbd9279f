import { expect, test } from "vitest";
import { watchOutput } from "../../../../src/app/tools/watch-output.js";

test("lines of both streams stay whole, and what is enough is told at once", () => {
  const asked: string[] = [];
  const output = watchOutput((text) => {
    asked.push(text);
    return text.includes("enough\n");
  });
  output.stdout.write('{"half":');
  output.stderr.write("a log line\nand the half of ");
  output.stdout.write("1}\n");
  expect(asked).toEqual(["a log line\n", 'a log line\n{"half":1}\n']);
  expect(output.signal.aborted).toBe(false);
  output.stderr.write(Buffer.from("enough"));
  expect(output.signal.aborted).toBe(false);
  output.stderr.write("\n");
  expect(output.signal.aborted).toBe(true);
  output.stdout.write("a rest");
  expect(output.text()).toBe('a log line\n{"half":1}\nand the half of enough\n\na rest\n');
});

test("a character that comes in two parts is one", () => {
  const output = watchOutput(() => false);
  const bytes = Buffer.from("We’re\n");
  output.stdout.write(bytes.subarray(0, 3));
  output.stdout.write(bytes.subarray(3));
  expect(output.text()).toContain("We’re");
});
