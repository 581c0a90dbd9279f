import { wireString, wireUint32 } from "./wire.js";

/** A piece of one connection to the ssh agent; an empty one ends the connection. */
export interface AgentFrame {
  readonly channel: number;
  readonly data: Buffer;
}

/** The channel on which the program inside says where its socket is. */
export const HELLO_CHANNEL = 0;
const HEADER = 8;
/** More than the program inside ever sends at once. */
const LONGEST = 128 * 1024;

export function encodeFrame({ channel, data }: AgentFrame): Buffer {
  return Buffer.concat([wireUint32(channel), wireUint32(data.length), data]);
}

/** Answers the frames that a chunk completes. @throws RangeError for one that is too long */
export function createFrameDecoder(): (chunk: Buffer) => AgentFrame[] {
  let kept = Buffer.alloc(0);
  return (chunk) => {
    kept = Buffer.concat([kept, chunk]);
    const frames: AgentFrame[] = [];
    while (kept.length >= HEADER) {
      const [channel, length] = [kept.readUInt32BE(0), kept.readUInt32BE(4)];
      if (length > LONGEST) throw new RangeError(`a frame of ${String(length)} bytes`);
      if (kept.length < HEADER + length) break;
      frames.push({ channel, data: kept.subarray(HEADER, HEADER + length) });
      kept = kept.subarray(HEADER + length);
    }
    return frames;
  };
}

/** The largest message that ssh-agent itself takes. */
const LONGEST_MESSAGE = 256 * 1024;

/** Answers the messages to an ssh agent that a piece completes, whole. @throws RangeError */
export function createMessageDecoder(): (data: Buffer) => Buffer[] {
  let kept = Buffer.alloc(0);
  return (data) => {
    kept = Buffer.concat([kept, data]);
    const messages: Buffer[] = [];
    while (kept.length >= 4) {
      const length = kept.readUInt32BE(0);
      if (length === 0 || length > LONGEST_MESSAGE)
        throw new RangeError(`a message of ${String(length)} bytes`);
      if (kept.length < 4 + length) break;
      messages.push(kept.subarray(0, 4 + length));
      kept = kept.subarray(4 + length);
    }
    return messages;
  };
}

/** REQUEST_IDENTITIES and SIGN_REQUEST. */
const PERMITTED = [11, 13];
const EXTENSION = 27;
/** How ssh says what it signs for; with others some agents can be told where to ask for a passphrase. */
const BINDING = Buffer.concat([Buffer.from([EXTENSION]), wireString("session-bind@openssh.com")]);

/** What lists keys and signs. The others add and remove keys and lock the agent, which is the user's alone. */
export function isPermitted(message: Buffer): boolean {
  const body = message.subarray(4);
  return PERMITTED.includes(body[0] ?? 0) || body.subarray(0, BINDING.length).equals(BINDING);
}

/** SSH_AGENT_FAILURE. */
export const AGENT_FAILURE = Buffer.from([0, 0, 0, 1, 5]);
