/** Ports of this machine, one after another, that are one agent's. */
export interface PortBlock {
  readonly first: number;
  readonly size: number;
}

/** A block and whose it is. */
export interface RegisteredBlock extends PortBlock {
  /** The project's id. */
  readonly project: string;
  /** The agent's name. */
  readonly agent: string;
  /** The project's repository: without it the block is nobody's any more. */
  readonly root: string;
}

/** `20010-20019`. */
export function formatBlock({ first, size }: PortBlock): string {
  return `${String(first)}-${String(first + size - 1)}`;
}

/** Undefined for what `formatBlock` does not write. */
export function parseBlock(text: string): PortBlock | undefined {
  const match = /^(\d{1,5})-(\d{1,5})$/.exec(text);
  const [first, last] = [Number(match?.[1]), Number(match?.[2])];
  return match !== null && last >= first ? { first, size: last - first + 1 } : undefined;
}

export function overlaps(one: PortBlock, other: PortBlock): boolean {
  return one.first < other.first + other.size && other.first < one.first + one.size;
}
