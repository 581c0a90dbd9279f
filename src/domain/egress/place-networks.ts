import { contains, formatCidr, parseCidr, sizeOf, type Cidr } from "./cidr.js";
import { freeSlots, slotOf, type Slot } from "./subnets.js";

export interface PlaceRequest {
  readonly pool: Cidr;
  /** Subnets of all the engine's networks. */
  readonly taken: readonly string[];
  /** Networks that this machine has routes to, its own bridges among them. */
  readonly routes: readonly Cidr[];
  /** Who needs a network → the subnet it has. */
  readonly current: ReadonlyMap<string, string | undefined>;
}

export interface Placement {
  readonly slots: Map<string, Slot>;
  /** Why a network cannot stay where it is. */
  readonly misplaced: ReadonlyMap<string, string>;
  /** Another free slot each time; undefined when there is none left. */
  next(): Slot | undefined;
}

/**
 * A place for every agent's network: the one it has, as long as that is of the pool and nothing else of this machine
 * (a VPN, say) has come to use the addresses; else the lowest free one.
 */
export function placeNetworks({ pool, taken, routes, current }: PlaceRequest): Placement {
  const slots = new Map<string, Slot>();
  const misplaced = new Map<string, string>();
  const takenCidrs = taken.flatMap((subnet) => parseCidr(subnet) ?? []);
  const free = freeSlots(pool, [...takenCidrs, ...routes]);
  const next = () => free.next().value ?? undefined;
  for (const [name, subnet] of current) {
    const slot = subnet === undefined ? undefined : slotOf(pool, subnet);
    const clash = slot && routes.find((route) => overlaps(route, slot.subnet));
    if (slot !== undefined && clash === undefined) slots.set(name, slot);
    else if (clash !== undefined) misplaced.set(name, `this machine has a route to ${formatCidr(clash)} now`);
    else if (subnet !== undefined)
      misplaced.set(name, `${subnet} is no part of the pool ${formatCidr(pool)}`);
  }
  for (const [name, subnet] of current) {
    if (slots.has(name)) continue;
    // With nowhere else to go it stays: what works must not be taken down for nothing.
    const kept = misplaced.has(name) && subnet !== undefined ? slotOf(pool, subnet) : undefined;
    const slot = next() ?? kept;
    if (slot === undefined) continue;
    slots.set(name, slot);
    if (slot === kept) misplaced.delete(name);
  }
  return { slots, misplaced, next };
}

function overlaps(route: Cidr, subnet: string): boolean {
  const own = parseCidr(subnet);
  if (own === undefined) return false;
  // Wider routes lead somewhere else; the engine itself makes one for a bridge.
  return contains(route, own) || (contains(own, route) && sizeOf(route.prefix) > 1);
}
