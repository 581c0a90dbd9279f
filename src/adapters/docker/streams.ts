const HEADER_BYTES = 8;
const STDERR = 2;

/**
 * Splits the engine's multiplexed stream: frames of an 8-byte header (channel, three zero bytes, length) and payload.
 * Waits for a slow reader, so that memory stays bounded; docker-modem's own `demuxStream` does not.
 */
export async function demultiplex(
  source: AsyncIterable<Buffer>,
  stdout: NodeJS.WritableStream,
  stderr: NodeJS.WritableStream,
): Promise<void> {
  let header = Buffer.alloc(0);
  let remaining = 0;
  let sink = stdout;
  for await (const chunk of source) {
    let offset = 0;
    while (offset < chunk.length) {
      if (remaining === 0) {
        const wanted = HEADER_BYTES - header.length;
        header = Buffer.concat([header, chunk.subarray(offset, offset + wanted)]);
        offset += wanted;
        if (header.length < HEADER_BYTES) break;
        sink = header[0] === STDERR ? stderr : stdout;
        remaining = header.readUInt32BE(4);
        header = Buffer.alloc(0);
        continue;
      }
      const payload = chunk.subarray(offset, offset + remaining);
      offset += payload.length;
      remaining -= payload.length;
      await writeTo(sink, payload);
    }
  }
}

/** A terminal's stream has one channel and no frames. */
export async function copyTo(source: AsyncIterable<Buffer>, sink: NodeJS.WritableStream): Promise<void> {
  for await (const chunk of source) await writeTo(sink, chunk);
}

async function writeTo(sink: NodeJS.WritableStream, chunk: Buffer): Promise<void> {
  if (!sink.writable) return;
  if (!sink.write(chunk)) await untilReady(sink);
}

/** Until the sink takes more, or is gone for whatever reason: its owner sees to that. */
function untilReady(sink: NodeJS.WritableStream): Promise<void> {
  const events = ["drain", "close", "error"];
  return new Promise((resolve) => {
    const ready = () => {
      for (const event of events) sink.off(event, ready);
      resolve();
    };
    for (const event of events) sink.on(event, ready);
  });
}
