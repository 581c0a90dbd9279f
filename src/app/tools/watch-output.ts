import { StringDecoder } from "node:string_decoder";
import { Writable } from "node:stream";

/** What a program printed, and a signal for when that is enough. */
export interface WatchedOutput {
  readonly stdout: Writable;
  readonly stderr: Writable;
  readonly signal: AbortSignal;
  /** Both streams, a line of the one never inside a line of the other. */
  text(): string;
}

/** More than any of these programs prints in a turn; what comes after it is left out. */
const LIMIT = 4 * 1024 * 1024;

/** Keeps what is printed; `isEnough` is asked after each line. */
export function watchOutput(isEnough: (text: string) => boolean): WatchedOutput {
  const enough = new AbortController();
  let lines = "";
  const rest = { stdout: "", stderr: "" };
  const open = (name: keyof typeof rest) => {
    const decoder = new StringDecoder("utf8");
    return new Writable({
      write(chunk: Buffer, _encoding, done) {
        const text = rest[name] + decoder.write(chunk);
        const end = text.lastIndexOf("\n") + 1;
        rest[name] = text.slice(end).slice(0, LIMIT);
        if (end > 0 && lines.length < LIMIT) {
          lines += text.slice(0, end);
          if (isEnough(lines)) enough.abort();
        }
        done();
      },
    });
  };
  const [stdout, stderr] = [open("stdout"), open("stderr")];
  return { stdout, stderr, signal: enough.signal, text: () => [lines, rest.stdout, rest.stderr].join("\n") };
}
