import { EGRESS } from "../identity/names.js";
import type { Probe, ProbePlan } from "./probes.js";

/** 127.0.0.1 and 169.254.169.254 in the spellings that one resolver or another takes for them. */
const LOOPBACK = [
  ...["127.0.0.1", "127.1", "0", "0.0.0.0", "2130706433", "0x7f000001", "0x7f.0.0.1", "0177.0.0.1"],
  ...["[::1]", "[::]", "[::ffff:127.0.0.1]", "[::ffff:7f00:1]", "localhost"],
];
const METADATA = [
  ...["169.254.169.254", "2852039166", "0xa9fea9fe", "0xa9.0xfe.0xa9.0xfe", "0251.0376.0251.0376"],
  ...["[::ffff:169.254.169.254]", "[fd00:ec2::254]"],
];
const PUBLIC = ["1.1.1.1", "16843009", "0x01010101", "[2606:4700:4700::1111]"];

/** What the agent's proxy must not do. Names end with `.invalid`: nobody has them, whatever becomes of the question. */
export function proxyProbes({ grants, open, hostAddresses, token }: ProbePlan, egress: string): Probe[] {
  const denied = `${token}.invalid`;
  const first = grants[0];
  const allowed = first && (first.wildcard ? `${token}.${first.host}` : first.host);
  const probe = (id: string, tried: string, requests: readonly string[]): Probe => ({
    ...{ id: `proxy-${id}`, group: "proxy", leak: "passed", tried },
    attempts: requests.map((request) => [
      ...["proxy", egress, String(EGRESS.port)],
      Buffer.from(request, "latin1").toString("hex"),
    ]),
  });
  const own = hostAddresses.filter((one) => !/^fe80:/i.test(one));
  const addresses = [...PUBLIC, ...own.map((one) => (one.includes(":") ? `[${one}]` : one))];
  const ports = (targets: readonly string[], ...all: number[]) =>
    targets.flatMap((target) => all.map((port) => connect(`${target}:${String(port)}`)));
  return [
    probe("loopback", "the proxy's own loopback", [
      ...ports(LOOPBACK, 443),
      ...ports(LOOPBACK.slice(0, 2), 53, EGRESS.port),
    ]),
    probe("metadata", "the cloud's metadata service by proxy", [
      ...ports(METADATA, 443, 80),
      get("http://169.254.169.254/latest/meta-data/"),
    ]),
    probe("address", "addresses by proxy", [...ports(addresses, 443, 22), get("http://1.1.1.1/")]),
    probe("stats", "the proxy's own page", [
      get("http://tinyproxy.stats/"),
      get(`http://${egress}:${String(EGRESS.port)}/`),
      get("/", "tinyproxy.stats"),
    ]),
    ...(open ? [] : nameProbes(probe, denied, allowed)),
  ];
}

type MakeProbe = (id: string, tried: string, requests: readonly string[]) => Probe;

/** Under profile `open` these are allowed. */
function nameProbes(probe: MakeProbe, denied: string, allowed: string | undefined): Probe[] {
  const all = [
    probe("denied-name", "a name that is not allowed", [
      ...[`${denied}:443`, `${denied}.:443`, `${denied.toUpperCase()}:443`, `${denied}:80`].map((one) =>
        connect(one),
      ),
      connect(`user@${denied}:443`),
      connect(`http://${denied}:443/`),
    ]),
    probe("plain-http", "a name that is not allowed, by plain HTTP", [
      get(`http://${denied}/`),
      get(`http://${denied}:443/`),
      get("/", denied),
    ]),
  ];
  if (allowed === undefined) return all;
  return [
    ...all,
    probe("allowed-port", `${allowed} on other ports and by plain HTTP`, [
      ...[22, 80, 8443].map((port) => connect(`${allowed}:${String(port)}`)),
      get(`http://${allowed}/`),
      get(`http://${allowed}:22/`),
      get("/", `${allowed}:22`),
    ]),
    probe("disguise", `a name that is not allowed, made to look like ${allowed}`, [
      connect(`${allowed}.${denied}:443`),
      connect(`${allowed}:443@${denied}:443`),
      connect(`${denied}#.${allowed}:443`),
      connect(`${denied}/.${allowed}:443`),
      connect(`${denied}%00.${allowed}:443`),
      connect(`${denied}\0.${allowed}:443`),
      connect(`${denied}:443`, `${allowed}:443`),
      get(`http://${denied}/`, allowed),
    ]),
  ];
}

function connect(target: string, host = target): string {
  return `CONNECT ${target} HTTP/1.1\r\nHost: ${host}\r\n\r\n`;
}

function get(url: string, host = /^http:\/\/([^/]*)/.exec(url)?.[1] ?? url): string {
  return `GET ${url} HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n\r\n`;
}
