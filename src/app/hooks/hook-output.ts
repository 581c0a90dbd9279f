import { Writable } from "node:stream";
import { createTextSink } from "../../base/text-sink.js";
import { showText } from "../../base/show-text.js";

/** How much of what a hook says is kept: the end of it. */
const KEPT_BYTES = 256 * 1024;
/** A line longer than this is told in pieces. */
const LINE_BYTES = 4096;

export interface HookOutput {
  readonly stream: Writable;
  text(): string;
}

/** Keeps the end of what is written to it, and tells each line as it comes, safe for a terminal. */
export function createHookOutput(tell: (line: string) => void): HookOutput {
  const kept = createTextSink(KEPT_BYTES);
  let line = "";
  const flush = () => {
    if (line !== "") tell(showText(line));
    line = "";
  };
  const stream = new Writable({
    write(chunk: Buffer, _encoding, done) {
      kept.stream.write(chunk);
      for (const [position, part] of chunk
        .toString("utf8")
        .split(/\r?\n|\r/)
        .entries()) {
        if (position > 0) flush();
        line += part;
        if (line.length > LINE_BYTES) flush();
      }
      done();
    },
  });
  return {
    stream,
    text() {
      flush();
      return kept.text();
    },
  };
}

/** The last lines of a text, safe for a terminal. */
export function lastLines(text: string, count: number): string[] {
  const lines = text.split(/\r?\n|\r/).filter((line) => line.trim() !== "");
  return lines.slice(-count).map(showText);
}
