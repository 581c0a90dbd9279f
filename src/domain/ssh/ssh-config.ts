import { EGRESS } from "../identity/names.js";
import type { SshHost } from "./ssh-host.js";

/** Files of an agent's home, relative to it. */
export const SSH_FILES = {
  config: ".ssh/config",
  knownHosts: ".ssh/known_hosts.devkit",
  hostConfig: (host: string) => `.ssh/devkit.d/${host}.conf`,
} as const;

const INCLUDE = "Include devkit.d/*.conf";
const HEADER = "# Written by devkit ssh-setup. What you write yourself belongs into ~/.ssh/config.";
const MISSING = "devkit: no netcat that can ask the proxy is installed (netcat-openbsd or ncat)";

/**
 * Asks the proxy with whatever can: by its own name where another netcat may have taken `nc`. Always port 443, whatever
 * port a URL names: nothing else is let through.
 */
const PROXY_COMMAND = [
  `sh -c 'p=${EGRESS.host}:${String(EGRESS.port)}`,
  'for nc in nc.openbsd nc; do "$nc" -h 2>&1 | grep -q -e "-X proto" && exec "$nc" -X connect -x "$p" "$0" 443; done',
  'command -v ncat >/dev/null && exec ncat --proxy "$p" --proxy-type http "$0" 443',
  `echo "${MISSING}" >&2`,
  "exit 127' %h",
].join("; ");

export interface HostIdentity {
  /** The key's file, relative to `.ssh`. */
  readonly keyFile: string | undefined;
  /** Keys of the user's ssh agent may be offered too. */
  readonly forward: boolean;
}

/** The block of one host, for `.ssh/devkit.d`. */
export function hostBlock({ name, server, keys }: SshHost, { keyFile, forward }: HostIdentity): string {
  const names = name === server ? name : `${name} ${server}`;
  const lines = [
    `HostName ${server}`,
    "Port 443",
    "User git",
    `ProxyCommand ${PROXY_COMMAND}`,
    ...(keyFile === undefined ? [] : [`IdentityFile ~/.ssh/${keyFile}`]),
    `IdentitiesOnly ${forward ? "no" : "yes"}`,
    `StrictHostKeyChecking ${keys.length > 0 ? "yes" : "accept-new"}`,
    "UserKnownHostsFile ~/.ssh/known_hosts ~/.ssh/known_hosts.devkit",
    "ConnectTimeout 20",
    "ServerAliveInterval 60",
  ];
  return `${HEADER}\nHost ${names}\n${lines.map((line) => `  ${line}\n`).join("")}`;
}

/** The key's file that a block names, as `hostBlock` writes it. */
export function keyFileOf(block: string): string | undefined {
  return /^ {2}IdentityFile ~\/\.ssh\/(id_(?:ed25519|ecdsa|rsa)(?:-[a-z0-9.-]+)?)$/m.exec(block)?.[1];
}

/** By both spellings: a URL that names port 22 makes ssh look for the plain one. */
export function knownHostsText(hosts: readonly SshHost[]): string {
  const keys = hosts.flatMap((host) => host.keys);
  const lines = keys.map(({ name, type, key }) => `[${name}]:443,${name} ${type} ${key}\n`);
  return [...new Set(lines)].join("");
}

/** The config with our blocks first, where nothing before them can take their place. */
export function withInclude(config: string): string {
  const first = config.split("\n").find((line) => !/^\s*(#.*)?$/.test(line));
  return first?.trim() === INCLUDE ? config : `${INCLUDE}\n${config === "" ? "" : `\n${config}`}`;
}
