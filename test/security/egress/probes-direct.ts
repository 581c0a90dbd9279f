import { ADDRESSES } from "./addresses.js";
import { hex, type Mark, type Probe } from "./plan.js";
import { connect, talk } from "./proxy-talk.js";

/** Around the agent that probes: what it could reach if nothing held it. */
export interface Surroundings {
  /** The host's side of the agent's network, whether it has an address there or not. */
  readonly gateway: string;
  /** Every other address of the host by a name for it. */
  readonly host: Readonly<Record<string, string>>;
  /** The proxy's address in this agent's network. */
  readonly proxy: string;
  readonly other: {
    readonly address: string;
    readonly name: string;
    /** The proxy's address in the other agent's network. */
    readonly proxy: string;
  };
  /** The proxy's address in the network by which it goes out. */
  readonly proxyOutside: string;
}

const PORT = "8181";

const probe = (id: string, line: (mark: Mark) => readonly string[], through?: RegExp): Probe =>
  through === undefined ? { id, line } : { id, line, through };

const get = (token: string) => hex(`GET /${token} HTTP/1.0\r\n\r\n`);

/** TCP, UDP, ICMP, hand-made packets and IPv6 to the internet, and the metadata service. */
function outside(around: Surroundings): readonly Probe[] {
  return [
    ...["22", "80", "443", "8080"].map((port) =>
      probe(`tcp ${port}`, ({ address, token }) => ["tcp", address, port, get(token)]),
    ),
    ...["53", "123", "443"].map((port) =>
      probe(`udp ${port}`, ({ address, token }) => ["udp", address, port, hex(token)]),
    ),
    probe("icmp", ({ address, token }) => ["icmp", address, hex(token)]),
    probe("ip protocol 253", ({ address, token }) => ["ip", address, "253", hex(token)]),
    probe("frame by the gateway", ({ address, token }) => [
      "frame",
      around.gateway,
      address,
      "9",
      hex(token),
    ]),
    probe("frame by the proxy", ({ address, token }) => ["frame", around.proxy, address, "9", hex(token)]),
    probe("tcp over IPv6", ({ address6, token }) => ["tcp", address6, "443", get(token)]),
    probe("udp over IPv6", ({ address6, token }) => ["udp", address6, "443", hex(token)]),
    probe("icmp over IPv6", ({ address6, token }) => ["icmp", address6, hex(token)]),
    probe("metadata", ({ token }) => ["tcp", ADDRESSES.metadata, "80", get(token)]),
    probe("metadata over udp", ({ token }) => ["udp", ADDRESSES.metadata, "53", hex(token)]),
    probe("metadata over IPv6", ({ token }) => ["tcp", ADDRESSES.metadata6, "80", get(token)]),
  ];
}

const TYPES = { A: "1", TXT: "16", AAAA: "28", ANY: "255" };

/** Names of another's domain: by the resolver that the container has, by others, by hand. */
function names(around: Surroundings): readonly Probe[] {
  const long = (token: string) =>
    [0, 1, 2].map((part) => `${token}${String(part).repeat(63 - token.length)}`).join(".") + ".leak.test";
  return [
    ...Object.entries(TYPES).map(([name, type]) =>
      probe(`dns ${name}`, ({ token }) => ["dns", "udp", "-", type, `${token}.leak.test`]),
    ),
    probe("dns long labels", ({ token }) => ["dns", "udp", "-", "16", long(token)]),
    probe("dns over tcp", ({ token }) => ["dns", "tcp", "-", "1", `${token}.leak.test`]),
    probe("dns TXT over tcp", ({ token }) => ["dns", "tcp", "-", "16", long(token)]),
    probe("dns as programs do", ({ token }) => ["lookup", `${token}.leak.test`]),
    ...["udp", "tcp"].flatMap((transport) => [
      probe(`dns by a public resolver, ${transport}`, ({ token }) => [
        ...["dns", transport, ADDRESSES.resolver, "1", `${token}.leak.test`],
      ]),
      probe(`dns by the proxy's address, ${transport}`, ({ token }) => [
        ...["dns", transport, around.proxy, "16", `${token}.leak.test`],
      ]),
    ]),
    probe("dns by the gateway", ({ token }) => ["dns", "udp", around.gateway, "1", `${token}.leak.test`]),
    probe("dns by the engine's own, TXT", ({ token }) => [
      "dns",
      "udp",
      "127.0.0.11",
      "16",
      `${token}.leak.test`,
    ]),
  ];
}

/** The host by each of its addresses, and the engine's API. */
function host(around: Surroundings): readonly Probe[] {
  const addresses = Object.entries({ gateway: around.gateway, ...around.host });
  return [
    ...addresses.flatMap(([name, address]) => [
      probe(`host ${name} tcp`, ({ token }) => ["tcp", address, PORT, get(token)]),
      probe(`host ${name} udp`, ({ token }) => ["udp", address, PORT, hex(token)]),
      probe(`host ${name} tcp past the routes`, ({ token }) => ["onlink", "tcp", address, PORT, get(token)]),
      probe(`host ${name} udp past the routes`, ({ token }) => ["onlink", "udp", address, PORT, hex(token)]),
      probe(`host ${name} icmp`, ({ token }) => ["icmp", address, hex(token)]),
      probe(`host ${name} ssh`, ({ token }) => ["tcp", address, "22", hex(token)]),
      probe(`engine at ${name}:2375`, ({ token }) => ["tcp", address, "2375", get(token)]),
      probe(`engine at ${name}:2376`, ({ token }) => ["tcp", address, "2376", get(token)]),
    ]),
    probe("host by broadcast", ({ token }) => ["udp", "255.255.255.255", PORT, hex(token)]),
    probe("host by multicast", ({ token }) => ["udp", "224.0.0.1", PORT, hex(token)]),
    probe("host by IPv6 multicast", ({ token }) => ["udp", "ff02::1%eth0", PORT, hex(token)]),
    probe("host by its link-local address", ({ token }) => ["tcp", "fe80::1%eth0", PORT, get(token)]),
    ...["/var/run/docker.sock", "/run/docker.sock"].map((path) =>
      probe(`engine by ${path}`, ({ token }) => ["unix", path, hex(`GET /_ping?${token} HTTP/1.0\r\n\r\n`)]),
    ),
  ];
}

/** Another agent, which listens on port 9000, and its proxy; the own one by an address that is not for agents. */
function otherAgent({ other, proxyOutside }: Surroundings): readonly Probe[] {
  const byProxy = (host: string) => (mark: Mark) => [
    ...["proxy", host, "8888", talk(connect("two.allowed.test:443"), mark.token)],
  ];
  return [
    probe("agent by address, tcp", ({ token }) => ["tcp", other.address, "9000", hex(token)]),
    probe("agent by address, udp", ({ token }) => ["udp", other.address, "9000", hex(token)]),
    probe("agent by address, icmp", ({ token }) => ["icmp", other.address, hex(token)]),
    probe("agent by name", ({ token }) => ["tcp", other.name, "9000", hex(token)]),
    probe("agent's proxy", byProxy(other.proxy)),
    probe("proxy by its outer address", byProxy(proxyOutside)),
  ];
}

/** Everything an agent can try without the proxy it was given. */
export function directProbes(around: Surroundings): readonly Probe[] {
  return [...outside(around), ...names(around), ...host(around), ...otherAgent(around)];
}
