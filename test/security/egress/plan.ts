import { randomBytes } from "node:crypto";

/** What makes a probe recognisable wherever it arrives: no other probe has any of these. */
export interface Mark {
  /** In the payload or the name; only letters and digits, in any case, whole within one label. */
  readonly token: string;
  /** A public address that nothing else is sent to. */
  readonly address: string;
  readonly address6: string;
}

/** One attempt to get something out, as probe.pl takes it. */
export interface Probe {
  readonly id: string;
  line(mark: Mark): readonly string[];
  /** Where nobody beside the probe can tell: what its outcome looks like when it got through. */
  readonly through?: RegExp;
  /** An address at which it may arrive. */
  readonly exceptAt?: string;
  /** No tinyproxy surely carries it out, whatever its rules: only a proxy that misreads it does. */
  readonly misread?: true;
}

/** Probes with the marks by which one run of them is recognised. */
export interface Plan {
  readonly probes: readonly Probe[];
  /** Standard input of probe.pl. */
  readonly input: string;
  /** The probe with this position in the plan. */
  readonly at: (position: number) => Probe | undefined;
  /** The probe that a packet belongs to, by what is in it or where it went. */
  readonly ownerOf: (to: string, text: string) => Probe | undefined;
}

/** Several plans in one rig: each has a /24 (and /64) of the internet to itself. */
let plans = 0;

/** At most 254 probes. */
export function createPlan(probes: readonly Probe[]): Plan {
  plans += 1;
  const nonce = randomBytes(3).toString("hex");
  const net = 93 * 2 ** 24 + 184 * 2 ** 16 + plans * 256;
  const markOf = (position: number): Mark => ({
    token: `z${nonce}n${String(position)}z`,
    address: dotted(net + position + 1),
    address6: `2606:2800:220:${plans.toString(16)}::${(position + 1).toString(16)}`,
  });
  const marks = probes.map((_, position) => markOf(position));
  const byAddress = new Map(
    marks.flatMap((mark, position) => [
      [mark.address, probes[position]],
      [mark.address6, probes[position]],
    ]),
  );
  const token = new RegExp(`z${nonce}n(\\d+)z`, "i");
  return {
    probes,
    input: probes.map((probe, position) => [position, ...probe.line(markOf(position))].join("\t")).join("\n"),
    at: (position) => probes[position],
    ownerOf(to, text) {
      const position = token.exec(text)?.[1];
      return position === undefined ? byAddress.get(to) : probes[Number(position)];
    },
  };
}

/** An address from its number. */
export function dotted(number: number): string {
  return [24, 16, 8, 0].map((shift) => String(Math.floor(number / 2 ** shift) % 256)).join(".");
}

/** The number of an address. */
export function numberOf(address: string): number {
  return address.split(".").reduce((sum, part) => sum * 256 + Number(part), 0);
}

/** What goes into a field of probe.pl that is hexadecimal. */
export function hex(text: string): string {
  return Buffer.from(text, "latin1").toString("hex");
}
