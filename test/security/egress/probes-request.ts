import { hex, type Probe } from "./plan.js";
import { allowedName as here, connect, type ProxyTalk, type Text } from "./proxy-talk.js";

const to = (method: string, url: string, host: string) =>
  `${method} ${url} HTTP/1.1\r\nHost: ${host}\r\n\r\n`;

/** Other requests than CONNECT, headers that contradict it, and line ends where none belong. */
export function requests({ sends }: ProxyTalk): readonly Probe[] {
  const texts: Record<string, Text> = {
    "absolute URI, address": ({ address }) => to("GET", `http://${address}/`, address),
    "absolute URI, denied name": ({ token }) => to("GET", `http://${token}.denied.test/`, "x.allowed.test"),
    "absolute URI, allowed name": (mark) => to("GET", `http://${here(mark)}/`, here(mark)),
    "absolute URI, allowed name, port 22": (mark) => to("GET", `http://${here(mark)}:22/`, here(mark)),
    "absolute URI, allowed name, port 443": (mark) => to("GET", `http://${here(mark)}:443/`, here(mark)),
    "absolute URI ends like a rule": ({ token }) =>
      to("GET", `http://${token}.denied.test/x.allowed.test:443`, "x"),
    "absolute URI with a user": ({ token }) =>
      to("GET", `http://x.allowed.test:443@${token}.denied.test/`, "x"),
    "https in an absolute URI": ({ token }) => to("GET", `https://${token}.denied.test/`, "x.allowed.test"),
    "ftp in an absolute URI": ({ token }) => to("GET", `ftp://${token}.denied.test:80/`, "x.allowed.test"),
    POST: ({ token }) => to("POST", `http://${token}.denied.test/`, "x.allowed.test"),
    OPTIONS: ({ token }) => to("OPTIONS", `http://${token}.denied.test/`, "x.allowed.test"),
    "path with a denied Host": ({ token }) => to("GET", "/", `${token}.denied.test`),
    "path with an allowed Host, port 22": (mark) => to("GET", "/", `${here(mark)}:22`),
    "HTTP/1.0 with a Host": ({ token }) => `GET / HTTP/1.0\r\nHost: ${token}.denied.test\r\n\r\n`,
    "HTTP/0.9": ({ address }) => `GET http://${address}/\r\n\r\n`,
    "connect in lower case": ({ token }) => to("connect", `${token}.denied.test:443`, "x.allowed.test:443"),
    "CONNECT with another Host": ({ token }) =>
      to("CONNECT", `${token}.denied.test:443`, "x.allowed.test:443"),
    "CONNECT over HTTP/1.0": ({ token }) => `CONNECT ${token}.denied.test:443 HTTP/1.0\r\n\r\n`,
    "CONNECT with bare line feeds": ({ token }) =>
      `CONNECT ${token}.denied.test:443 HTTP/1.1\nHost: x.allowed.test:443\n\n`,
    "CONNECT after an empty line": ({ token }) => `\r\n${connect(`${token}.denied.test:443`)}`,
    "CONNECT with a second one in a header": ({ token }) =>
      `CONNECT ${token}.denied.test:443 HTTP/1.1\r\nX: y\r\nCONNECT x.allowed.test:443 HTTP/1.1\r\n\r\n`,
  };
  return Object.entries(texts).map(([id, text]) => sends(id, text));
}

/** Requests that name two places. */
export function doubleRequests({ sends }: ProxyTalk): readonly Probe[] {
  const texts: Record<string, Text> = {
    "allowed URI, denied Host": ({ token }) => to("GET", "http://x.allowed.test/", `${token}.denied.test`),
    "CONNECT with a second target": ({ token }) =>
      `CONNECT ${token}.denied.test:443 x.allowed.test:443 HTTP/1.1\r\n\r\n`,
    "CONNECT with a carriage return inside": ({ token }) =>
      `CONNECT ${token}.denied.test:443\rx.allowed.test:443 HTTP/1.1\r\n\r\n`,
    "two CONNECTs in one line": ({ token }) =>
      `CONNECT x.allowed.test:443\r\nCONNECT ${token}.denied.test:443 HTTP/1.1\r\n\r\n`,
    "CONNECT pipelined behind a refusal": ({ token }) =>
      `${connect("10.255.255.1:1")}${connect(`${token}.denied.test:443`)}`,
  };
  return Object.entries(texts).map(([id, text]) => sends(id, text, { misread: true }));
}

/** The page that tinyproxy has about itself; nobody but the one who asked can tell whether it came. */
export function statistics({ at }: ProxyTalk): readonly Probe[] {
  const page = "GET http://tinyproxy.stats/ HTTP/1.1\r\nHost: tinyproxy.stats\r\n\r\n";
  const probe = (id: string, text: string, traits?: Pick<Probe, "misread">): Probe => ({
    id: `statistics ${id}`,
    line: () => at(text),
    through: /run-time statistics|open connections/i,
    ...traits,
  });
  const targets = ["127.0.0.1:8888", "localhost:8888", "a-127-0-0-1.stats.allowed.test:8888"];
  return [
    probe("by its name", hex(page)),
    probe("by its name in the Host", hex("GET / HTTP/1.1\r\nHost: tinyproxy.stats\r\n\r\n")),
    // tinyproxy tries to notice connections from itself, and sometimes does.
    ...targets.map((target) =>
      probe(`through ${target}`, `${hex(connect(target))}:${hex(page)}`, { misread: true }),
    ),
  ];
}
