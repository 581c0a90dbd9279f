import { ADDRESSES } from "./addresses.js";
import { hex, type Mark, type Probe } from "./plan.js";
import { connect, dashed, talk, type ProxyTalk } from "./proxy-talk.js";

/** Whom an allowed name could point at, beside what every rig has. */
export interface PrivatePlaces {
  /** The host's side of the agent's network. */
  readonly gateway: string;
  /** The host's side of the network by which the proxy goes out. */
  readonly outGateway: string;
  /** Another agent, which listens on 443. */
  readonly other: string;
}

/** Allowed names whose owner points them at places that are none of the internet's. */
export function privateNames({ connects, at }: ProxyTalk, places: PrivatePlaces): readonly Probe[] {
  const addresses: Record<string, string> = {
    "127.0.0.1": "127.0.0.1",
    "0.0.0.0": "0.0.0.0",
    "10/8": ADDRESSES.hostPrivate,
    "169.254.169.254": ADDRESSES.metadata,
    "100.64/10": "100.64.0.1",
    "198.18/15": "198.18.0.1",
    "the host's public address": ADDRESSES.hostPublic,
    "the gateway": places.gateway,
    "the proxy's own gateway": places.outGateway,
    "another agent": places.other,
  };
  const labels: Record<string, string> = {
    ...Object.fromEntries(Object.entries(addresses).map(([id, address]) => [id, `a-${dashed(address)}`])),
    "::1": "six-00000000000000000000000000000001",
    "::ffff:127.0.0.1": "six-00000000000000000000ffff7f000001",
    "fd00:ec2::254": "six-fd000ec2000000000000000000000254",
    "CNAME to 127.0.0.1": "cname-127-0-0-1",
    "a private one among public ones": `a-${dashed(ADDRESSES.refusing)}.a-${dashed(ADDRESSES.hostPrivate)}`,
  };
  const unique = ({ address }: Mark) => `n${dashed(address)}`;
  const rebinding = (id: string, to: string): Probe => ({
    id: `rebinding to ${id}`,
    line: (mark) => {
      const name = `a-${dashed(ADDRESSES.allowed)}.then-${dashed(to)}.${unique(mark)}.allowed.test:443`;
      const again = talk(connect(name), mark.token);
      return at(hex(connect(name)), again, again);
    },
    // A resolver that remembers its first answer leads there again, as the policy allows.
    exceptAt: ADDRESSES.allowed,
  });
  return [
    ...Object.entries(labels).map(([id, label]) =>
      connects(`name that is ${id}`, (mark) => `${label}.${unique(mark)}.allowed.test:443`),
    ),
    rebinding("127.0.0.1", "127.0.0.1"),
    rebinding("the host", ADDRESSES.hostPrivate),
    rebinding("the host's public address", ADDRESSES.hostPublic),
  ];
}
