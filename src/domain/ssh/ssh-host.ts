import type { SshSettings } from "../settings/settings.js";
import { findForge, forgeNames } from "./forges.js";
import { parseKnownHost, type KnownHost } from "./known-host.js";

/** A host that agents push to over ssh. */
export interface SshHost {
  /** As in remotes' URLs. */
  readonly name: string;
  /** The name whose port 443 speaks ssh. */
  readonly server: string;
  /** The server's keys; none: the first that it shows is taken. */
  readonly keys: readonly KnownHost[];
}

/** Undefined: neither devkit nor the settings know where the ssh of that host is on port 443. */
export function findSshHost(name: string, settings: SshSettings): SshHost | undefined {
  const forge = findForge(name);
  const server = forge?.server ?? (Object.hasOwn(settings.hosts, name) ? settings.hosts[name] : undefined);
  if (server === undefined) return undefined;
  const named = settings.known_hosts.map(parseKnownHost).filter((host) => host?.name === server);
  const own = named.filter((host) => host !== undefined);
  // Whoever names keys of a server means those and no others.
  if (own.length > 0) return { name, server, keys: own };
  const shipped = (forge?.keys ?? []).map((line) => parseKnownHost(`${server} ${line}`));
  return { name, server, keys: shipped.filter((host) => host !== undefined) };
}

/** All hosts that agents can be set up for. */
export function listSshHosts(settings: SshSettings): SshHost[] {
  const names = [...forgeNames(), ...Object.keys(settings.hosts).sort()];
  return names.map((name) => findSshHost(name, settings)).filter((host) => host !== undefined);
}
