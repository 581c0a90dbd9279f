/** An IPv4 network. */
export interface Cidr {
  /** The network's address as a number; bits below the prefix are 0. */
  readonly base: number;
  readonly prefix: number;
}

/** Reads `10.213.0.0/16`; a lone address is a network of its own. Undefined for anything else, IPv6 too. */
export function parseCidr(text: string): Cidr | undefined {
  const match = /^(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})(?:\/(\d{1,2}))?$/.exec(text);
  if (match === null) return undefined;
  const octets = match.slice(1, 5).map(Number);
  const prefix = match[5] === undefined ? 32 : Number(match[5]);
  if (octets.some((octet) => octet > 255) || prefix > 32) return undefined;
  return networkOf(
    octets.reduce((sum, octet) => sum * 256 + octet, 0),
    prefix,
  );
}

/** The network of that size that an address is in. */
export function networkOf(address: number, prefix: number): Cidr {
  const size = sizeOf(prefix);
  return { base: Math.floor(address / size) * size, prefix };
}

export function formatCidr({ base, prefix }: Cidr): string {
  return `${formatAddress(base)}/${String(prefix)}`;
}

export function formatAddress(address: number): string {
  return [24, 16, 8, 0].map((shift) => String((address >>> shift) & 255)).join(".");
}

/** How many addresses a network of that prefix has. */
export function sizeOf(prefix: number): number {
  return 2 ** (32 - prefix);
}

export function contains(outer: Cidr, inner: Cidr): boolean {
  return outer.prefix <= inner.prefix && networkOf(inner.base, outer.prefix).base === outer.base;
}

/**
 * Routes as wide as these stand for "everything else", in one piece or (as VPNs write it) in several, or for a whole
 * private range: the engine's networks are more exact, and the pool has nowhere else to be.
 */
const NARROWEST_DEFAULT = 12;

/** The networks that `/proc/net/route` has routes to, without the default route. */
export function parseRoutes(text: string): Cidr[] {
  const found: Cidr[] = [];
  for (const line of text.split("\n").slice(1)) {
    const fields = line.trim().split(/\s+/);
    const [destination, mask] = [parseKernelHex(fields[1]), parseKernelHex(fields[7])];
    if (destination === undefined || mask === undefined) continue;
    const prefix = mask.toString(2).replaceAll("0", "").length;
    if (prefix > NARROWEST_DEFAULT) found.push(networkOf(destination, prefix));
  }
  return found;
}

/** The kernel prints addresses as numbers of the machine, which is little-endian. */
function parseKernelHex(field: string | undefined): number | undefined {
  if (field === undefined || !/^[0-9A-Fa-f]{8}$/.test(field)) return undefined;
  return Number.parseInt(field.match(/../g)?.reverse().join("") ?? "", 16);
}
