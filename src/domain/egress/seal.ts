import { EGRESS } from "../identity/names.js";
import type { Slot } from "./subnets.js";

/**
 * The packet filter in an agent's network namespace, for nft(8): the proxy and the name server of its own egress and
 * nothing else, whatever route or device a program asks for. What is refused fails at once: with "no route", for a reset would look as if somebody had answered. Loading it again replaces it.
 */
export function sealRules({ egress }: Pick<Slot, "egress">): string {
  return `table inet devkit
delete table inet devkit
table inet devkit {
  chain out {
    type filter hook output priority 0; policy drop;
    oifname "lo" accept
    ip daddr ${egress} tcp dport { 53, ${String(EGRESS.port)} } accept
    ip daddr ${egress} udp dport 53 accept
    reject with icmpx type admin-prohibited
  }
}
`;
}
