import { contains, formatAddress, formatCidr, networkOf, parseCidr, sizeOf, type Cidr } from "./cidr.js";

/** The network of one agent: a /29 of the pool. */
export interface Slot {
  readonly slot: number;
  readonly subnet: string;
  readonly gateway: string;
  /** Where the proxy and the name server answer. */
  readonly egress: string;
  readonly agent: string;
}

const SLOT_PREFIX = 29;
const SLOT_SIZE = sizeOf(SLOT_PREFIX);
const [WIDEST_POOL, NARROWEST_POOL] = [8, 26];

/** Ranges that are nobody's on the Internet: a pool of others would hide real machines from this one. */
const PRIVATE = ["10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10", "198.18.0.0/15"].flatMap(
  (text) => parseCidr(text) ?? [],
);

export type ParsedPool =
  | { readonly ok: true; readonly pool: Cidr }
  /** Completes "egress.pool must be …". */
  | { readonly ok: false; readonly mustBe: string };

/** Reads the pool that agents' networks are taken from. */
export function parsePool(text: string): ParsedPool {
  const pool = parseCidr(text);
  if (pool === undefined || !text.includes("/")) {
    return { ok: false, mustBe: 'an IPv4 network such as "10.213.0.0/16"' };
  }
  if (pool.prefix < WIDEST_POOL || pool.prefix > NARROWEST_POOL) {
    return { ok: false, mustBe: `a network from /${String(WIDEST_POOL)} to /${String(NARROWEST_POOL)}` };
  }
  if (formatCidr(pool) !== text) {
    return { ok: false, mustBe: `written as the address of the network, "${formatCidr(pool)}"` };
  }
  if (PRIVATE.some((range) => contains(range, pool))) return { ok: true, pool };
  return { ok: false, mustBe: `part of a private range (${PRIVATE.map(formatCidr).join(", ")})` };
}

export function countSlots(pool: Cidr): number {
  return sizeOf(pool.prefix) / SLOT_SIZE;
}

/** Undefined past the end of the pool. */
export function slotAt(pool: Cidr, slot: number): Slot | undefined {
  if (slot < 0 || slot >= countSlots(pool)) return undefined;
  const base = pool.base + slot * SLOT_SIZE;
  return {
    slot,
    subnet: formatCidr({ base, prefix: SLOT_PREFIX }),
    gateway: formatAddress(base + 1),
    egress: formatAddress(base + 2),
    agent: formatAddress(base + 3),
  };
}

/** The slot of the pool with exactly this subnet. */
export function slotOf(pool: Cidr, subnet: string): Slot | undefined {
  const own = parseCidr(subnet);
  if (own?.prefix !== SLOT_PREFIX || !contains(pool, own)) return undefined;
  return slotAt(pool, (own.base - pool.base) / SLOT_SIZE);
}

/** The slots that overlap none of these networks, lowest first; made one by one as they are asked for. */
export function* freeSlots(pool: Cidr, taken: readonly Cidr[]): Generator<Slot, void, undefined> {
  const sorted = [...taken].sort((a, b) => a.base - b.base);
  let next = 0;
  // The end of what is taken so far: a wide network may begin before a narrow one and go on after it.
  let takenUntil = 0;
  for (let slot = 0; slot < countSlots(pool); slot += 1) {
    const { base } = networkOf(pool.base + slot * SLOT_SIZE, SLOT_PREFIX);
    for (
      let other = sorted[next];
      other !== undefined && other.base < base + SLOT_SIZE;
      other = sorted[next]
    ) {
      takenUntil = Math.max(takenUntil, other.base + sizeOf(other.prefix));
      next += 1;
    }
    const free = takenUntil <= base ? slotAt(pool, slot) : undefined;
    if (free !== undefined) yield free;
  }
}
