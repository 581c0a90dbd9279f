import { EGRESS } from "../identity/names.js";
import { covers, type HostPattern } from "./host-pattern.js";
import { proxyProbes } from "./proxy-probes.js";

/** What a leak would be a way to; also the headings of the table, in their order. */
export const PROBE_GROUPS = ["outside", "host", "agents", "names", "proxy", "engine"] as const;

export type ProbeGroup = (typeof PROBE_GROUPS)[number];

/**
 * What shows that something got through: anything that comes back, a refusal too; a name server's knowledge; or a proxy
 * that does not refuse.
 */
export type LeakSign = "heard" | "resolved" | "passed";

/** One thing that no agent may manage to do. */
export interface Probe {
  /** The name of the leak. */
  readonly id: string;
  readonly group: ProbeGroup;
  /** In words, for people. */
  readonly tried: string;
  readonly leak: LeakSign;
  /** The ways to try it, as docker/egress/probe.pl reads them: words of one line. */
  readonly attempts: readonly (readonly string[])[];
}

/** Somebody on a network of devkit's whom the agent must not reach. */
export interface Neighbour {
  /** `agent-2`, `egress of agent-2`, in the words of the report. */
  readonly who: string;
  readonly address: string;
}

export interface ProbePlan {
  /** Undefined: the agent is on no network of its own. */
  readonly own: { readonly gateway: string; readonly egress: string } | undefined;
  /** The host's addresses, IPv6 ones too. */
  readonly hostAddresses: readonly string[];
  readonly neighbours: readonly Neighbour[];
  /** What the agent may reach. */
  readonly grants: readonly HostPattern[];
  /** Profile `open`: every name may be reached and resolved. */
  readonly open: boolean;
  /** A label that nobody has asked for before: no cache knows it. */
  readonly token: string;
}

/** Machines that answer everyone on every one of these ports, or refuse so that one hears it. */
const PUBLIC = ["1.1.1.1", "8.8.8.8"];
const PUBLIC_PORTS = ["443", "80", "53", "22"];
const PUBLIC_V6 = ["2606:4700:4700::1111", "2001:4860:4860::8888"];
/** Where a host's services are, and one where none is: a refusal shows just as well that packets arrive. */
const HOST_PORTS = ["22", "53", "80", "443", "2375", "2376", "5000", "8080", "8888", "49152"];
/** Every bridge and every container's end of a cable has one of these, so each is tried in two ways only. */
const LINK_LOCAL = /^fe80:/i;
const NEIGHBOUR_PORTS = ["22", "53", "8080", String(EGRESS.port)];
const METADATA = ["169.254.169.254", "fd00:ec2::254"];
/** Names that exist everywhere, with records of every type that is asked for. */
export const KNOWN_NAMES = ["example.com", "example.org", "iana.org", "wikipedia.org"];

/** Everything that is tried from inside one agent's network. */
export function planProbes(plan: ProbePlan): Probe[] {
  return [
    ...outsideProbes(),
    ...hostProbes(plan),
    ...neighbourProbes(plan),
    ...nameProbes(plan),
    ...(plan.own === undefined ? [] : proxyProbes(plan, plan.own.egress)),
  ];
}

/** Whether a name is one of those that the agent may reach. */
export function isGranted(grants: readonly HostPattern[], host: string): boolean {
  return grants.some((grant) => covers(grant, { host, wildcard: false }));
}

function tcp(address: string, ports: readonly string[]): string[][] {
  return ports.map((port) => ["tcp", address, port]);
}

function outsideProbes(): Probe[] {
  const all = <T>(list: readonly string[], make: (address: string) => T[]) => list.flatMap(make);
  const common = { group: "outside", leak: "heard" } as const;
  return [
    {
      ...{ ...common, id: "outside-tcp", tried: "connections to public addresses" },
      attempts: all(PUBLIC, (address) => tcp(address, PUBLIC_PORTS)),
    },
    {
      ...{ ...common, id: "outside-udp", tried: "UDP to public addresses (NTP)" },
      attempts: PUBLIC.map((address) => ["ntp", address]),
    },
    {
      ...{ ...common, id: "outside-ping", tried: "ping to public addresses" },
      attempts: PUBLIC.map((address) => ["ping", address]),
    },
    {
      ...{ ...common, id: "outside-ipv6", tried: "connections to public IPv6 addresses" },
      attempts: all(PUBLIC_V6, (address) => tcp(address, ["443", "53"])),
    },
    {
      ...{ ...common, id: "metadata", tried: "the cloud's metadata service" },
      attempts: all(METADATA, (address) => tcp(address, ["80"])),
    },
  ];
}

function hostProbes({ own, hostAddresses }: ProbePlan): Probe[] {
  const common = { group: "host", leak: "heard" } as const;
  const reach = (address: string) => [...tcp(address, HOST_PORTS), ["ping", address]];
  const gateways = ["gateway", ...(own === undefined ? [] : [own.gateway])];
  const addresses = [...new Set(hostAddresses)];
  const onLink = addresses.filter((address) => LINK_LOCAL.test(address));
  const linkProbe: Probe = {
    ...{ ...common, id: "host-link-local", tried: "the host at its link-local addresses" },
    attempts: onLink.flatMap((address) => [...tcp(address, ["22"]), ["ping", address]]),
  };
  return [
    {
      ...{ ...common, id: "gateway", tried: "the gateway of its network" },
      attempts: gateways.flatMap(reach),
    },
    ...addresses
      .filter((address) => !onLink.includes(address))
      .map((address) => ({
        ...{ ...common, id: `host-${address}`, tried: `the host at ${address}` },
        attempts: reach(address),
      })),
    ...(onLink.length > 0 ? [linkProbe] : []),
  ];
}

function neighbourProbes({ neighbours }: ProbePlan): Probe[] {
  return neighbours.map(({ who, address }) => ({
    id: `${who.replaceAll(" ", "-")}-${address}`,
    group: "agents",
    leak: "heard",
    tried: `${who} at ${address}`,
    attempts: tcp(address, NEIGHBOUR_PORTS),
  }));
}

/** Under profile `open` every name may be resolved, but by asking the agent's own name server. */
function nameProbes({ own, grants, open, token }: ProbePlan): Probe[] {
  const name = KNOWN_NAMES.find((one) => !isGranted(grants, one) && !isGranted(grants, `${token}.${one}`));
  const asked = name ?? "example.com";
  const ask = (server: string) =>
    ["udp", "tcp"].flatMap((transport) => [
      ...["A", "AAAA", "TXT"].map((type) => ["dns", server, transport, type, asked]),
      ...["A", "TXT"].map((type) => ["dns", server, transport, type, `${token}.${asked}`]),
    ]);
  const direct: Probe = {
    ...{ id: "dns-direct", group: "names", leak: "heard", tried: "questions to public name servers" },
    attempts: PUBLIC.flatMap(ask),
  };
  if (open || name === undefined) return [direct];
  return [
    {
      ...{ id: "dns-resolver", group: "names", leak: "resolved", tried: `${asked} by the agent's resolver` },
      attempts: ask("configured"),
    },
    ...(own === undefined ? [] : [sinkProbe(asked, ask(own.egress))]),
    direct,
  ];
}

function sinkProbe(name: string, attempts: Probe["attempts"]): Probe {
  const tried = `${name} by the egress container`;
  return { id: "dns-sink", group: "names", leak: "resolved", tried, attempts };
}
