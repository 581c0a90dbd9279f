import { Writable } from "node:stream";

/** A stream that keeps the last `limit` bytes written to it and never makes the writer wait. */
export interface TextSink {
  readonly stream: Writable;
  text(): string;
  /** Whether more was written than is kept. */
  truncated(): boolean;
}

export function createTextSink(limit: number): TextSink {
  let kept = Buffer.alloc(0);
  let total = 0;
  const stream = new Writable({
    write(chunk: Buffer, _encoding, done) {
      total += chunk.length;
      const all = Buffer.concat([kept, chunk]);
      kept = all.subarray(Math.max(0, all.length - limit));
      done();
    },
  });
  return { stream, text: () => kept.toString("utf8"), truncated: () => total > kept.length };
}
