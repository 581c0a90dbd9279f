import { hex, type Mark, type Probe } from "./plan.js";

/** Where a proxy listens. */
export interface ProxyPlace {
  readonly host: string;
  readonly port: string;
}

/** A target or a request with a probe's mark in it. */
export type Text = (mark: Mark) => string;

/** Makes probes that go by one proxy, for a policy that allows exact.test and *.allowed.test. */
export interface ProxyTalk {
  /** A probe's line: one connection for each talk. */
  at(...talks: readonly string[]): readonly string[];
  /** A CONNECT, and the mark through the tunnel. */
  connects(id: string, target: Text, traits?: ProbeTraits): Probe;
  /** A request as it is, and the mark behind it when the answer is 200. */
  sends(id: string, request: Text, traits?: ProbeTraits): Probe;
}

type ProbeTraits = Pick<Probe, "misread">;

export function proxyTalk({ host, port }: ProxyPlace): ProxyTalk {
  const at = (...talks: readonly string[]) => ["proxy", host, port, ...talks];
  return {
    at,
    connects: (id, target, traits) => ({
      id: `connect ${id}`,
      line: (mark) => at(talk(connect(target(mark)), mark.token)),
      ...traits,
    }),
    sends: (id, request, traits) => ({
      id: `request ${id}`,
      line: (mark) => at(talk(request(mark), mark.token)),
      ...traits,
    }),
  };
}

/** A request, and what follows when it is answered with 200. */
export const talk = (request: string, token: string): string =>
  `${hex(request)}:${hex(`GET /${token} HTTP/1.0\r\n\r\n`)}`;

export const connect = (target: string): string => `CONNECT ${target} HTTP/1.1\r\nHost: ${target}\r\n\r\n`;

/** An address as names.pl takes it in a label. */
export const dashed = (address: string): string => address.replaceAll(".", "-");

/** An allowed name at the mark's address. */
export const allowedName: Text = ({ address }) => `a-${dashed(address)}.allowed.test`;
