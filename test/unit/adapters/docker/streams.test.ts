import { once } from "node:events";
import { PassThrough, Writable } from "node:stream";
import { describe, expect, test } from "vitest";
import { copyTo, demultiplex } from "../../../../src/adapters/docker/streams.js";
import { createTextSink } from "../../../../src/base/text-sink.js";
import { createRandom, type Random } from "../../support/random.js";

const STDOUT = 1;
const STDERR = 2;

function frame(channel: number, payload: Buffer | string): Buffer {
  const body = Buffer.from(payload);
  const header = Buffer.alloc(8);
  header[0] = channel;
  header.writeUInt32BE(body.length, 4);
  return Buffer.concat([header, body]);
}

// eslint-disable-next-line @typescript-eslint/require-await -- a source that never waits
async function* source(chunks: Iterable<Buffer>): AsyncIterable<Buffer> {
  yield* chunks;
}

function* cut(whole: Buffer, random: Random): Iterable<Buffer> {
  for (let offset = 0; offset < whole.length;) {
    const size = 1 + random.int(random.pick([1, 3, 9, 200]));
    yield whole.subarray(offset, offset + size);
    offset += size;
  }
}

async function split(chunks: Iterable<Buffer>) {
  const [out, err] = [createTextSink(1024 * 1024), createTextSink(1024 * 1024)];
  await demultiplex(source(chunks), out.stream, err.stream);
  return { out: out.text(), err: err.text() };
}

/** Takes one chunk at a time, when told to. */
function createSlowReader(highWaterMark: number) {
  let release: (() => void) | undefined;
  let bytes = 0;
  const stream = new Writable({
    highWaterMark,
    write(chunk: Buffer, _encoding, done) {
      bytes += chunk.length;
      release = done;
    },
  });
  return {
    stream,
    bytes: () => bytes,
    takeNext() {
      const done = release;
      release = undefined;
      done?.();
    },
  };
}

const settle = () => new Promise((resolve) => setImmediate(resolve));

describe("the engine's multiplexed stream", () => {
  test("each channel goes its way, in order", async () => {
    const whole = [frame(STDOUT, "a"), frame(STDERR, "x"), frame(STDOUT, "b"), frame(STDERR, "y")];
    expect(await split(whole)).toEqual({ out: "ab", err: "xy" });
  });

  test("wherever the chunks are cut: every place of a small stream", async () => {
    const whole = Buffer.concat([
      frame(STDOUT, "hello"),
      frame(STDERR, ""),
      frame(STDERR, "oh"),
      frame(STDOUT, "!"),
    ]);
    for (let at = 0; at <= whole.length; at += 1) {
      expect(await split([whole.subarray(0, at), whole.subarray(at)])).toEqual({ out: "hello!", err: "oh" });
    }
  });

  test("wherever the chunks are cut: many random streams", async () => {
    for (let seed = 1; seed <= 60; seed += 1) {
      const random = createRandom(seed);
      const wanted = { out: "", err: "" };
      const frames = Array.from({ length: random.int(20) }, (_, position) => {
        const isErr = random.chance(0.4);
        const text = `${String(position)},`.repeat(random.int(80));
        wanted[isErr ? "err" : "out"] += text;
        return frame(isErr ? STDERR : STDOUT, text);
      });
      expect(await split(cut(Buffer.concat(frames), random))).toEqual(wanted);
    }
  });

  test("a stream that ends inside a frame gives what there was", async () => {
    expect(await split([frame(STDOUT, "complete"), frame(STDOUT, "cut off").subarray(0, 11)])).toEqual({
      out: "completecut",
      err: "",
    });
  });

  test("bytes arrive unchanged", async () => {
    const bytes = Buffer.from(Array.from({ length: 256 }, (_, byte) => byte));
    const out = new PassThrough();
    await demultiplex(source([frame(STDOUT, bytes)]), out, out);
    expect(out.read()).toEqual(bytes);
  });

  test("a broken connection is an error, not an end", async () => {
    const broken = async function* (): AsyncIterable<Buffer> {
      yield frame(STDOUT, "a");
      await settle();
      throw new Error("connection lost");
    };
    const sink = createTextSink(10).stream;
    await expect(demultiplex(broken(), sink, sink)).rejects.toThrow("connection lost");
  });
});

describe.each([
  ["demultiplexed", (chunks: AsyncIterable<Buffer>, sink: Writable) => demultiplex(chunks, sink, sink)],
  ["a terminal's", (chunks: AsyncIterable<Buffer>, sink: Writable) => copyTo(chunks, sink)],
])("a slow reader of a stream, %s", (_, copy) => {
  const CHUNK = 1024;

  /** As many chunks as the reader lets through; counts those taken from the engine. */
  function createEngine(length: number) {
    let taken = 0;
    const chunks = async function* () {
      for (; taken < length; taken += 1) {
        await settle();
        yield frame(STDOUT, "x".repeat(CHUNK - 8));
      }
    };
    return { taken: () => taken, chunks: chunks() };
  }

  test("is waited for: the engine's next chunk is not taken before", async () => {
    const reader = createSlowReader(4 * CHUNK);
    const engine = createEngine(1000);
    const copying = copy(engine.chunks, reader.stream);
    while (engine.taken() < 3) await settle();
    for (let round = 0; round < 200; round += 1) await settle();
    expect(engine.taken()).toBeLessThan(8);
    reader.stream.destroy();
    await copying;
  });

  test("gets everything in the end, and leaves no listener behind on the way", async () => {
    const reader = createSlowReader(CHUNK / 2);
    const engine = createEngine(100);
    const copying = copy(engine.chunks, reader.stream);
    let most = 0;
    const end = copying.then(() => true);
    while ((await Promise.race([end, settle()])) !== true) {
      reader.takeNext();
      most = Math.max(most, reader.stream.listenerCount("close"), reader.stream.listenerCount("error"));
    }
    expect(reader.bytes()).toBeGreaterThanOrEqual(100 * (CHUNK - 8));
    expect(most).toBeLessThanOrEqual(3);
  });

  test("that goes away ends the copying, whether it was waited for or not", async () => {
    const reader = createSlowReader(CHUNK / 2);
    const copying = copy(createEngine(50).chunks, reader.stream);
    while (reader.bytes() === 0) await settle();
    reader.stream.destroy();
    await copying;
    expect(reader.stream.destroyed).toBe(true);
  });

  test("whose pipe breaks is as gone as one that closed", async () => {
    const reader = createSlowReader(CHUNK / 2);
    reader.stream.on("error", () => undefined);
    const copying = copy(createEngine(50).chunks, reader.stream);
    while (reader.bytes() === 0) await settle();
    reader.stream.destroy(Object.assign(new Error("write EPIPE"), { code: "EPIPE" }));
    await once(reader.stream, "close").catch(() => undefined);
    await expect(copying).resolves.toBeUndefined();
  });
});
