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

interface Relay extends RelayOptions {
  readonly channels: Map<number, Channel>;
  readonly over: AbortSignal;
}

/**
 * Takes the frames that come out of a container and answers them with the user's ssh agent. What comes is hostile: it
 * fails for whatever is out of bounds, and waits while the container does not take its answers.
 */
export function relayAgent(options: RelayOptions): Writable {
  const decode = createFrameDecoder();
  const channels = new Map<number, Channel>();
  const end = new AbortController();
  const relay: Relay = { ...options, channels, over: end.signal };
  const takeAll = async (chunk: Buffer) => {
    for (const frame of decode(chunk)) await take(relay, frame);
  };
  options.answers.on("drain", () => {
    for (const { agent } of channels.values()) agent?.resume();
  });
  return new Writable({
    write(chunk: Buffer, _encoding, done) {
      takeAll(chunk).then(() => {
        done();
      }, done);
    },
    destroy(error, done) {
      end.abort();
      for (const { agent } of channels.values()) agent?.destroy();
      channels.clear();
      done(error);
    },
  });
}

async function take(relay: Relay, { channel, data }: AgentFrame): Promise<void> {
  const { channels } = relay;
  if (channel === HELLO_CHANNEL) {
    relay.onPath(data.toString("utf8"));
    return;
  }
  if (data.length === 0) {
    channels.get(channel)?.agent?.destroy();
    channels.delete(channel);
    return;
  }
  const { agent, messages } = channels.get(channel) ?? (await open(relay, channel));
  for (const message of messages(data)) {
    if (agent === undefined || !isPermitted(message)) send(relay, { channel, data: AGENT_FAILURE });
    else if (!agent.write(message) && agent.writable) await untilReady(agent);
  }
  if (isFull(relay)) await untilReady(relay.answers);
}

async function open(relay: Relay, channel: number): Promise<Channel> {
  const { channels, over } = relay;
  if (channels.size >= MOST_CHANNELS) throw new RangeError("too many connections to the ssh agent");
  const agent = await relay.connectAgent();
  const opened = { agent, messages: createMessageDecoder() };
  agent?.on("error", () => undefined);
  if (over.aborted) {
    agent?.destroy();
    return opened;
  }
  channels.set(channel, opened);
  agent?.on("data", (data: Buffer) => {
    send(relay, { channel, data });
    // Many are asked for by few bytes.
    if (isFull(relay)) agent.pause();
  });
  agent?.once("close", () => {
    if (channels.get(channel) !== opened) return;
    channels.delete(channel);
    send(relay, { channel, data: Buffer.alloc(0) });
  });
  return opened;
}

function isFull({ answers }: RelayOptions): boolean {
  return answers.writableLength > MOST_WAITING;
}

function send({ answers }: RelayOptions, frame: AgentFrame): void {
  if (answers.writable) answers.write(encodeFrame(frame));
}

async function untilReady(stream: Duplex): Promise<void> {
  await Promise.race([once(stream, "drain"), once(stream, "close")]);
}
