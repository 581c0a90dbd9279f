import { proxyEnv } from "../../domain/agents/env.js";
import { withoutCredentials } from "../../domain/identity/credentials.js";
import type { Host } from "../ports.js";

/** The host's certificate authorities as files of a build context; the folder is there without any too. */
export function certificateEntries(certificates: readonly string[]): [string, Buffer][] {
  const single = certificates.map((pem, position): [string, Buffer] => [
    `ca/devkit-${String(position + 1)}.crt`,
    Buffer.from(`${pem}\n`),
  ]);
  const bundle: [string, Buffer][] =
    certificates.length === 0 ? [] : [["ca/bundle.pem", Buffer.from(`${certificates.join("\n")}\n`)]];
  return [["ca/.keep", Buffer.alloc(0)], ...single, ...bundle];
}

/** How a build reaches the network: as its user does. */
export function buildNetwork(host: Host): { args: Record<string, string>; hostNetwork: boolean } {
  const args = proxyEnv(host.env);
  // A proxy that listens on this machine's loopback is out of reach from the build's own network.
  return { args, hostNetwork: Object.values(args).some(isOnLoopback) };
}

function isOnLoopback(proxy: string): boolean {
  const place = withoutCredentials(proxy).replace(/^[a-z][a-z0-9+.-]*:\/\//i, "");
  return /^(localhost|127(\.\d{1,3}){3}|\[::1\])(:|\/|$)/i.test(place);
}
