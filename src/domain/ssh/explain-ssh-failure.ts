import { showText } from "../../base/show-text.js";
import type { SshHost } from "./ssh-host.js";

/** Why an agent cannot use ssh with a host; scripts may match on these. */
export type SshFailureReason =
  | "not-set-up"
  | "no-key"
  | "encrypted-key"
  | "refused-key"
  | "key-permissions"
  | "changed-host-key"
  | "unknown-host-key"
  | "egress-down"
  | "not-allowed"
  | "unreachable"
  | "no-program"
  | "timeout"
  | "closed"
  | "other";

export interface SshFailure {
  readonly reason: SshFailureReason;
  /** Completes "agent-2 cannot use ssh with github.com: …". */
  readonly what: string;
  readonly hint: string;
}

export interface SshFailureContext {
  /** For commands to type: the agent's index. */
  readonly index: number;
  readonly host: SshHost;
  /** What is known of the key that the agent has for the host. */
  readonly key: "none" | "encrypted" | "usable";
}

type Explain = (context: SshFailureContext, match: RegExpExecArray) => Omit<SshFailure, "reason">;

const setUp = ({ index, host }: SshFailureContext, more = "") =>
  `devkit ssh-setup --index ${String(index)}${host.name === "github.com" ? "" : ` --host ${host.name}`}${more}`;

const KNOWN_HOSTS = (server: string) => `devkit.toml: [ssh] known_hosts = ["${server} TYPE KEY"]`;

const refused: Explain = (context) => ({
  what: `${context.host.server} does not accept its key: Permission denied`,
  hint: `register its public key there; it is shown by: devkit exec ${String(context.index)} -- sh -c 'cat ~/.ssh/*.pub'`,
});

/** By what ssh and netcat print, the most telling first. */
const KINDS: readonly (readonly [SshFailureReason, RegExp, Explain])[] = [
  [
    "changed-host-key",
    /REMOTE HOST IDENTIFICATION HAS CHANGED|host key for \S+ has changed/i,
    (context) => ({
      what: `${context.host.server} shows another host key than the known one; somebody may be in between`,
      hint:
        context.host.keys.length > 0
          ? `only if whoever runs it says so: write its new key into ${KNOWN_HOSTS(context.host.server)}, then: ${setUp(context)}`
          : `only if whoever runs it says so: devkit exec ${String(context.index)} -- ssh-keygen -R '[${context.host.server}]:443'`,
    }),
  ],
  [
    "unknown-host-key",
    /No \S+ host key is known for|Host key verification failed/,
    (context) => ({
      what: `the host key of ${context.host.server} is not known`,
      hint: `write it into ${KNOWN_HOSTS(context.host.server)}, then: ${setUp(context)}`,
    }),
  ],
  [
    "not-allowed",
    /Proxy error: "HTTP\/1\.\d 403|status code 403/,
    ({ index, host: { server } }) => ({
      what: `it may not reach ${server}`,
      hint: `devkit allow ${server} --agent ${String(index)}`,
    }),
  ],
  [
    "unreachable",
    /Proxy error: "HTTP\/1\.\d (\d+)|status code (\d+)/,
    ({ index, host: { server } }) => ({
      what: `its egress cannot reach ${server}`,
      hint: `see why: devkit egress log --agent ${String(index)}; a private address needs [egress] private = ["${server}"]`,
    }),
  ],
  [
    "egress-down",
    /\bnc[^\s:]*: .*tinyproxy|Could not resolve proxy|Ncat: Connection (refused|timed out)/i,
    () => ({ what: "its egress is down", hint: "devkit up" }),
  ],
  [
    "no-program",
    /devkit: no netcat|"?ssh"?: (not found|executable file not found)|exec: (line \d+: )?ssh/,
    () => ({
      what: "its image has no ssh, or no netcat that can ask the proxy",
      hint: 'devkit.toml: [image] packages = ["openssh-client", "netcat-openbsd"]',
    }),
  ],
  [
    "key-permissions",
    /UNPROTECTED PRIVATE KEY|bad permissions|Bad owner or permissions/,
    (context) => ({
      what: "ssh refuses a file in its ~/.ssh that others can read or write",
      hint: setUp(context),
    }),
  ],
  ["refused-key", /Permission denied \(|Too many authentication failures/, refused],
  [
    "timeout",
    /timed out/,
    ({ host: { server } }) => ({
      what: `${server} does not answer in time`,
      hint: "try again later, or with more time: --timeout 60",
    }),
  ],
  [
    "closed",
    /Connection (closed|reset)|kex_exchange_identification/,
    ({ host: { server } }) => ({
      what: `${server} closed the connection`,
      hint: "try again later; whoever runs it can see why",
    }),
  ],
];

/** Of what is printed, at its start and at its end: whatever calls itself ssh there can print much more. */
const LONGEST = 8192;

/** Makes one line and a hint of what ssh printed when it failed. */
export function explainSshFailure(text: string, context: SshFailureContext): SshFailure {
  const isLong = text.length > 2 * LONGEST;
  const printed = isLong ? `${text.slice(0, LONGEST)}\n${text.slice(-LONGEST)}` : text;
  for (const [reason, pattern, explain] of KINDS) {
    const match = pattern.exec(printed);
    if (match === null) continue;
    if (reason === "refused-key" && context.key !== "usable") return explainKey(context);
    return { reason, ...explain(context, match) };
  }
  const last = printed.trim().split("\n").at(-1) ?? "";
  return {
    reason: "other",
    what: last === "" ? "ssh failed without a word" : showText(last.trim()).slice(0, 200),
    hint: `look closer: devkit exec ${String(context.index)} -- ssh -v git@${context.host.name}`,
  };
}

function explainKey(context: SshFailureContext): SshFailure {
  if (context.key === "encrypted") {
    return {
      reason: "encrypted-key",
      what: "its key needs a passphrase, and there is nobody to ask for it",
      hint: `${setUp(context, " --generate --force")}; or forward your ssh agent: ${setUp(context, " --agent-forward")}`,
    };
  }
  return { reason: "no-key", what: "it has no key", hint: setUp(context) };
}
