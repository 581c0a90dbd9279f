import { once } from "node:events";
import { Writable, type Duplex, type PassThrough } from "node:stream";
import {
  AGENT_FAILURE,
  createFrameDecoder,
  createMessageDecoder,
  encodeFrame,
  HELLO_CHANNEL,
  isPermitted,
  type AgentFrame,
} from "../../domain/ssh/agent-frames.js";
import type { UserSsh } from "../ports-ssh.js";

/** An agent has no use for more at once. */
const MOST_CHANNELS = 32;
/** So much may wait for a container that does not read. */
const MOST_WAITING = 1024 * 1024;

export interface RelayOptions {
  readonly connectAgent: UserSsh["connectAgent"];
  /** Where frames for the container go. */
  readonly answers: PassThrough;
  /** Called with the socket's path inside, which is the agent's word. */
  readonly onPath: (path: string) => void;
}

/** One connection of a program inside, and the one to the user's ssh agent that answers it. */
interface Channel {
  readonly messages: (data: Buffer) => Buffer[];
  readonly agent: Duplex | undefined;
}

/**
 * Takes the frames that come out of a container and answers them with the user's ssh agent. What comes is hostile: it
 * fails for whatever is out of bounds, and waits while the container does not take its answers.
 */
export function relayAgent(options: RelayOptions): Writable {
  const decode = createFrameDecoder();
  const channels = new Map<number, Channel>();
  const takeAll = async (chunk: Buffer) => {
    for (const frame of decode(chunk)) await take(options, channels, frame);
  };
  return new Writable({
    write(chunk: Buffer, _encoding, done) {
      takeAll(chunk).then(() => {
        done();
      }, done);
    },
    destroy(error, done) {
      for (const { agent } of channels.values()) agent?.destroy();
      channels.clear();
      done(error);
    },
  });
}

async function take(
  options: RelayOptions,
  channels: Map<number, Channel>,
  { channel, data }: AgentFrame,
): Promise<void> {
  if (channel === HELLO_CHANNEL) {
    options.onPath(data.toString("utf8"));
    return;
  }
  if (data.length === 0) {
    channels.get(channel)?.agent?.destroy();
    channels.delete(channel);
    return;
  }
  const { agent, messages } = channels.get(channel) ?? (await open(options, channels, channel));
  for (const message of messages(data)) {
    if (agent === undefined || !isPermitted(message)) send(options, { channel, data: AGENT_FAILURE });
    else if (!agent.write(message) && agent.writable) await untilReady(agent);
  }
  if (options.answers.writableLength > MOST_WAITING) await untilReady(options.answers);
}

async function open(
  options: RelayOptions,
  channels: Map<number, Channel>,
  channel: number,
): Promise<Channel> {
  if (channels.size >= MOST_CHANNELS) throw new RangeError("too many connections to the ssh agent");
  const agent = await options.connectAgent();
  const opened = { agent, messages: createMessageDecoder() };
  channels.set(channel, opened);
  agent?.on("data", (data: Buffer) => {
    send(options, { channel, data });
  });
  agent?.on("error", () => undefined);
  agent?.once("close", () => {
    if (channels.get(channel) !== opened) return;
    channels.delete(channel);
    send(options, { channel, data: Buffer.alloc(0) });
  });
  return opened;
}

function send({ answers }: RelayOptions, frame: AgentFrame): void {
  if (answers.writable) answers.write(encodeFrame(frame));
}

async function untilReady(stream: Duplex): Promise<void> {
  await Promise.race([once(stream, "drain"), once(stream, "close")]);
}
