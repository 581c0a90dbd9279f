import type { PortSettings } from "../settings/settings.js";
import { formatBlock, overlaps, type PortBlock } from "./block.js";

type Wanted = Pick<PortSettings, "base" | "block">;

const LAST_PORT = 65_535;

/** Why a block cannot stay an agent's with these settings; undefined when it can. */
export function findMisfit(block: PortBlock, { base, block: size }: Wanted): string | undefined {
  if (block.size < size) return `${formatBlock(block)} are fewer than ${String(size)} ports`;
  return block.first < base ? `${formatBlock(block)} are below ${String(base)}` : undefined;
}

/** The blocks that overlap none of those that are taken, lowest first; made one by one as they are asked for. */
export function* freeBlocks(
  { base, block: size }: Wanted,
  taken: readonly PortBlock[],
): Generator<PortBlock, void, undefined> {
  const sorted = [...taken].sort((a, b) => a.first - b.first);
  for (let first = base; first + size - 1 <= LAST_PORT; first += size) {
    const block = { first, size };
    if (!sorted.some((other) => overlaps(block, other))) yield block;
  }
}
