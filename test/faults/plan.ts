import { createRandom, type Random } from "./random.js";

/**
 * What goes wrong: something is killed with -9 (devkit, an agent's main process, egress, broker, dockerd), the disk has
 * room for a few more writes only, a call of the kernel fails with EIO, or the clock jumps.
 */
export const KILLS = ["devkit", "agent", "egress", "broker", "dockerd"] as const;
export const KINDS = [...KILLS, "disk", "eio", "clock"] as const;
export type Kind = (typeof KINDS)[number];

export const COMMAND_NAMES = [
  "up",
  "spawn",
  "assign",
  "sync",
  "merge",
  "kill",
  "run",
  "ssh-setup",
  "allow",
] as const;
export type CommandName = (typeof COMMAND_NAMES)[number];

/** One fault, and all there is to know to try it again. */
export interface PlannedFault {
  readonly number: number;
  readonly kind: Kind;
  readonly command: CommandName;
  readonly seed: number;
}

export interface PlanOptions {
  readonly seed: number;
  /** Of kills at random moments; of each other kind a fifth of that. */
  readonly count: number;
  /** Empty: all. */
  readonly only: readonly Kind[];
  /** Of the plan only this one. */
  readonly fault: number | undefined;
}

/** Every kind meets every command as often as any other, in an order that nobody chose. What is left out moves nothing else. */
export function planFaults({ seed, count, only, fault }: PlanOptions): PlannedFault[] {
  const random = createRandom(seed);
  const kills = deal(random, KILLS, count);
  const others = KINDS.slice(KILLS.length).flatMap((kind) => deal(random, [kind], Math.ceil(count / 5)));
  return shuffle(random, [...kills, ...others])
    .map((one, position) => ({ ...one, number: position + 1, seed: random.whole(1, 2 ** 31) }))
    .filter(({ kind }) => only.length === 0 || only.includes(kind))
    .filter(({ number }) => fault === undefined || number === fault);
}

function deal(random: Random, kinds: readonly Kind[], count: number) {
  const dealt: { kind: Kind; command: CommandName }[] = [];
  while (dealt.length < count) {
    const pairs = kinds.flatMap((kind) => COMMAND_NAMES.map((command) => ({ kind, command })));
    dealt.push(...shuffle(random, pairs));
  }
  return dealt.slice(0, count);
}

function shuffle<T>(random: Random, all: readonly T[]): T[] {
  return all
    .map((one) => ({ one, at: random.next() }))
    .sort((a, b) => a.at - b.at)
    .map(({ one }) => one);
}
