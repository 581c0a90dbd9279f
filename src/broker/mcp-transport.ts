import { JSONRPCMessageSchema, type JSONRPCMessage } from "@modelcontextprotocol/sdk/types.js";
import type { Transport } from "@modelcontextprotocol/sdk/shared/transport.js";
import type { Readable, Writable } from "node:stream";

export interface McpTransportOptions {
  readonly input: Readable;
  readonly output: Writable;
  /** Of one message. */
  readonly maxBytes: number;
  /** Requests that may be open at once; no more is read until one has been answered and the answer has been read. */
  readonly maxOpen: number;
  /** Told why a session is ended early. */
  readonly onRefused: (detail: string) => void;
}

const NEWLINE = 10;

/**
 * One JSON message a line, both ways, from whoever may mean ill: a line that is too long ends the session, one that is no
 * message is passed over, and no answer is kept for somebody who does not read.
 */
export function createMcpTransport(options: McpTransportOptions): Transport {
  const { input, output, maxBytes, maxOpen, onRefused } = options;
  const messages = createMessages(maxBytes);
  let open = 0;
  let isClosed = false;
  const transport: Transport = {
    start() {
      input.on("data", (chunk: Buffer) => {
        messages.add(chunk);
        take();
      });
      input.on("end", take);
      for (const event of ["close", "error"])
        input.on(event, () => void (input.readableEnded || transport.close()));
      for (const event of ["close", "error"]) output.on(event, () => void transport.close());
      return Promise.resolve();
    },
    async send(message) {
      if (isClosed) return;
      await written(output, `${JSON.stringify(message)}\n`);
      if (!("method" in message)) open -= 1;
      take();
    },
    close() {
      if (isClosed) return Promise.resolve();
      isClosed = true;
      messages.clear();
      input.pause();
      transport.onclose?.();
      return Promise.resolve();
    },
  };
  /** As many messages as may be open; what is not taken stays with its sender. */
  const take = () => {
    while (!isClosed && open < maxOpen) {
      const message = messages.take();
      if (message === "too-long") {
        onRefused(`a message of more than ${String(maxBytes)} bytes`);
        void transport.close();
        return;
      }
      if (message === undefined) break;
      if ("method" in message && "id" in message) open += 1;
      transport.onmessage?.(message);
    }
    // Whoever says all they have to say at once and ends still gets their answers.
    if (input.readableEnded && open === 0) void transport.close();
    if (isClosed || open >= maxOpen) input.pause();
    else input.resume();
  };
  return transport;
}

interface Messages {
  add(chunk: Buffer): void;
  /** The next one; undefined when it has not come yet. */
  take(): JSONRPCMessage | "too-long" | undefined;
  clear(): void;
}

function createMessages(maxBytes: number): Messages {
  let bytes = Buffer.alloc(0);
  return {
    add(chunk) {
      bytes = Buffer.concat([bytes, chunk]);
    },
    take() {
      for (;;) {
        const end = bytes.indexOf(NEWLINE);
        if ((end < 0 ? bytes.length : end) > maxBytes) return "too-long";
        if (end < 0) return undefined;
        const message = parseMessage(bytes.subarray(0, end));
        bytes = bytes.subarray(end + 1);
        if (message !== undefined && !isCancellation(message)) return message;
      }
    },
    clear() {
      bytes = Buffer.alloc(0);
    },
  };
}

function parseMessage(line: Buffer): JSONRPCMessage | undefined {
  try {
    return JSONRPCMessageSchema.parse(JSON.parse(line.toString("utf8")));
  } catch {
    return undefined;
  }
}

/** What was asked for is answered all the same, and soon: so every request that is open comes to an end here. */
function isCancellation(message: JSONRPCMessage): boolean {
  return "method" in message && message.method === "notifications/cancelled";
}

/** Resolves when it has been read as far as need be, or never will. */
function written(output: Writable, text: string): Promise<void> {
  return new Promise((resolve) => {
    if (output.destroyed || output.write(text)) {
      resolve();
      return;
    }
    const done = () => {
      output.off("drain", done).off("close", done);
      resolve();
    };
    output.on("drain", done).on("close", done);
  });
}
