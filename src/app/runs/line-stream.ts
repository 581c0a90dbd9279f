import { Writable } from "node:stream";
import { StringDecoder } from "node:string_decoder";
import { showText } from "../../base/show-text.js";

/** A line longer than this is told in pieces. */
const LINE_LENGTH = 8192;
// eslint-disable-next-line no-control-regex -- what colours text begins with one
const COLOURS = /\u001b\[[0-9;:]*m/g;
/** `::add-mask::…` is a command to GitHub's runner, also in a log that a later step prints. */
const COMMAND = /^([\s\p{Cf}]*):(?=:[^:]+::)/u;

/**
 * Takes what an agent prints, and tells each line, safe for a terminal and for a CI that reads it: without colours, and
 * with a dot for whatever else could act on one. `tell` answers when it is ready for the next.
 */
export function createLineStream(tell: (line: string) => Promise<void>): Writable {
  const decoder = new StringDecoder("utf8");
  let rest = "";
  const take = async (text: string, isEnd: boolean) => {
    // A line feed may follow a carriage return at the end.
    const lines = (rest + text).split(/\r\n|\n|\r(?!$)/);
    rest = lines.pop() ?? "";
    if (isEnd && rest !== "") lines.push(rest.replace(/\r$/, ""));
    while (!isEnd && rest.length > LINE_LENGTH) {
      lines.push(rest.slice(0, LINE_LENGTH));
      rest = rest.slice(LINE_LENGTH);
    }
    for (const line of lines) {
      for (let at = 0; at === 0 || at < line.length; at += LINE_LENGTH)
        await tell(toSafeLine(line.slice(at, at + LINE_LENGTH)));
    }
  };
  return new Writable({
    write(chunk: Buffer, _encoding, done) {
      take(decoder.write(chunk), false).then(() => {
        done();
      }, done);
    },
    final(done) {
      take(decoder.end(), true).then(() => {
        done();
      }, done);
    },
  });
}

/** In most lines there is nothing to be looked for, and there can be millions. */
const PLAIN = /^(?!\s*::)(?:[ !"$-~]|#(?!#))*$/;

function toSafeLine(line: string): string {
  if (PLAIN.test(line)) return line;
  return showText(line.replaceAll(COLOURS, "").replaceAll("\t", "  ")).replace(COMMAND, "$1·");
}
