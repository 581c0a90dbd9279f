import { showText } from "../../base/show-text.js";
import { formatHostProblem, parseHostPattern } from "./host-pattern.js";
import type { UnusableUrl } from "./presets.js";

export interface RegistryHosts {
  /** Sorted, each once. */
  readonly hosts: readonly string[];
  readonly unusable: readonly UnusableUrl[];
}

/** The hosts of what tools download from, and which of these agents cannot reach. Files of this machine are no hosts. */
export function registryHosts(urls: readonly string[]): RegistryHosts {
  const hosts = new Set<string>();
  const unusable = new Map<string, string>();
  for (const url of new Set(urls.map((text) => text.trim()))) {
    const answer = judge(url);
    if (answer === undefined) continue;
    if ("host" in answer) hosts.add(answer.host);
    else unusable.set(showUrl(url), answer.why);
  }
  return { hosts: [...hosts].sort(), unusable: [...unusable].map(([url, why]) => ({ url, why })) };
}

/** A URL for people: without user, password and query, which may hold credentials. */
export function showUrl(text: string): string {
  const withoutUser = text.replace(/^([a-z][a-z0-9+.-]*:\/\/)?[^/]*@/i, "$1");
  return showText(withoutUser.replace(/[?#].*$/s, "")).slice(0, 200);
}

function judge(url: string): { readonly host: string } | { readonly why: string } | undefined {
  if (url === "" || /^(?:file:|cdrom:|[./~])/i.test(url)) return undefined;
  const parsed = parseUrl(url.replace(/^(?:sparse|registry|git|mirror|svn|hg|bzr)\+/i, ""));
  if (parsed === undefined) return { why: "is no URL" };
  if (parsed.protocol !== "https:")
    return { why: `is ${parsed.protocol.slice(0, -1)}, and agents reach only https` };
  if (parsed.port !== "") return { why: `is on port ${parsed.port}, and agents reach only port 443` };
  const host = parseHostPattern(parsed.hostname.replace(/\.$/, ""));
  if (host.ok) return { host: host.pattern.host };
  return { why: `cannot be allowed: ${formatHostProblem({ ...host.problem, hint: undefined })}` };
}

function parseUrl(text: string): URL | undefined {
  try {
    return new URL(text);
  } catch {
    return undefined;
  }
}
