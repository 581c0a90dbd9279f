import { createHash } from "node:crypto";
import { DevkitError } from "../../base/errors.js";

/** What may be reached until when. `until` is in Unix seconds; 0: for ever. */
export interface EgressRule {
  /** An extended regular expression for what tinyproxy sees: `host:port`. */
  readonly target: string;
  readonly until: number;
}

/** A name that the agent's own DNS answers: `host.tld`, `*.host.tld` (only what is below it), or `*` for any. */
export interface EgressName {
  readonly name: string;
  readonly until: number;
}

/** One agent's share of an egress container. */
export interface EgressAgent {
  readonly name: string;
  /** Where its proxy and its DNS listen, in the agent's own network. */
  readonly address: string;
  /** Who may use them, as a prefix: the agent's own network. */
  readonly client: string;
  readonly rules: readonly EgressRule[];
  readonly names: readonly EgressName[];
}

/** Everything that one egress container is told. */
export interface EgressDescription {
  readonly agents: readonly EgressAgent[];
  /** Addresses and prefixes that no allowed name may point at, besides all private ones: the host's own. */
  readonly blocked: readonly string[];
  /** Names that may point at private addresses all the same: of a company's own network. */
  readonly private: readonly string[];
}

/** Without these the container does not know what it runs with; the host writes it last and waits for its echo. */
export const GENERATION_FILE = "generation";

/**
 * Ranges that are nobody's public address, besides those that dnsmasq's stop-dns-rebind knows (RFC 1918, loopback,
 * link-local, documentation, ULA …); and the IPv6 ones that carry an IPv4 address inside, which it does not look at.
 */
const NEVER_PUBLIC = [
  // For names that may be private too: this machine, and what is on the link, such as a cloud's metadata.
  "0.0.0.0/8",
  "127.0.0.0/8",
  "169.254.0.0/16",
  "100.64.0.0/10",
  "192.0.0.0/24",
  "192.88.99.0/24",
  "198.18.0.0/15",
  "224.0.0.0/4",
  "240.0.0.0/4",
  "2001::/32",
  "2002::/16",
  "64:ff9b::/96",
  "64:ff9b:1::/48",
  "ff00::/8",
];

/** A dead resolver is back within a moment: glibc's five seconds between two questions would be felt. */
const RESOLV_CONF = "nameserver 127.0.0.1\noptions timeout:1 attempts:4\n";

/** The policy directory of an egress container: relative path → content, `generation` last. Equal input, equal files. */
export function egressFiles({
  agents,
  blocked,
  private: privateNames,
}: EgressDescription): ReadonlyMap<string, string> {
  const files = new Map([
    ["resolv.conf", RESOLV_CONF],
    ["resolver", lines([...new Set([...NEVER_PUBLIC, ...blocked])].sort())],
    ["private", lines([...new Set(privateNames)].sort())],
  ]);
  for (const agent of agents.toSorted((a, b) => (a.name < b.name ? -1 : 1))) {
    const dir = `agents/${agent.name}`;
    files.set(`${dir}/address`, `${agent.address}\n`);
    files.set(`${dir}/client`, `${agent.client}\n`);
    files.set(`${dir}/allow`, timedLines(agent.rules.map(({ target, until }) => [target, until])));
    files.set(`${dir}/names`, timedLines(agent.names.map(({ name, until }) => [name, until])));
    files.set(`${dir}/denied.html`, deniedPage(agent.name));
  }
  files.set(GENERATION_FILE, `${generationOf(files)}\n`);
  return files;
}

/** What changes when, and only when, one of the files does. */
function generationOf(files: ReadonlyMap<string, string>): string {
  const hash = createHash("sha256");
  for (const [file, text] of files) hash.update(`${file}\n${String(Buffer.byteLength(text))}\n${text}`);
  return hash.digest("hex").slice(0, 32);
}

/** One `<until> <text>` per text, sorted; of two for the same text the one that holds longer. */
function timedLines(entries: readonly (readonly [string, number])[]): string {
  const ends = new Map<string, number>();
  for (const [text, until] of entries) {
    requireOneWord(text);
    const known = ends.get(text);
    ends.set(text, known === undefined ? until : known === 0 || until === 0 ? 0 : Math.max(known, until));
  }
  return lines([...ends].map(([text, until]) => `${String(until)} ${text}`).sort(byText));
}

/** What tinyproxy would cut into two rules, or take for a comment, must not get into the file at all. */
function requireOneWord(text: string): void {
  if (/^[!"$-~]{1,500}$/.test(text)) return;
  throw new DevkitError("E_BUG", `not a rule for the proxy: ${JSON.stringify(text.slice(0, 100))}`);
}

function byText(a: string, b: string): number {
  return a.slice(a.indexOf(" ")) < b.slice(b.indexOf(" ")) ? -1 : 1;
}

function lines(texts: readonly string[]): string {
  return texts.map((text) => `${text}\n`).join("");
}

/** tinyproxy puts in what was asked for, `host:443` where it can be allowed. It sends this as text/html. */
function deniedPage(agent: string): string {
  return `<!doctype html>
<title>devkit: not allowed</title>
<pre>
devkit: ${agent} may not reach {url}

To allow it, the owner of this agent types on the host:
  devkit allow {url} --agent ${agent}

What is allowed can be read here in the file that $DEVKIT_POLICY names.
</pre>
`;
}
