import type { Probe } from "./plan.js";
import { cutNames, literals, spellings } from "./probes-connect.js";
import { privateNames, type PrivatePlaces } from "./probes-names.js";
import { doubleRequests, requests, statistics } from "./probes-request.js";
import { proxyTalk, type ProxyPlace } from "./proxy-talk.js";

/** Everything an agent can try by the proxy at this place. */
export function proxyProbes(proxy: ProxyPlace, places: PrivatePlaces): readonly Probe[] {
  const by = proxyTalk(proxy);
  return [
    ...[...literals(by), ...spellings(by), ...cutNames(by)],
    ...[...requests(by), ...doubleRequests(by), ...statistics(by)],
    ...privateNames(by, places),
  ];
}

/** What must arrive wherever the proxy works: otherwise nothing that does not arrive means anything. */
export function permittedProbe(proxy: ProxyPlace): Probe {
  return proxyTalk(proxy).connects("an allowed name", () => "x.allowed.test:443");
}
