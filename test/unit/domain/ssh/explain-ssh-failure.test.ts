import { expect, test } from "vitest";
import { explainSshFailure } from "../../../../src/domain/ssh/explain-ssh-failure.js";
import { findSshHost, type SshHost } from "../../../../src/domain/ssh/ssh-host.js";

const NONE = { hosts: {}, known_hosts: [] };
const GITHUB = findSshHost("github.com", NONE) as SshHost;
const COMPANY = { name: "git.example.com", server: "git.example.com", keys: [] };

/** What OpenSSH 9.2, netcat-openbsd 1.219 and ncat 7.93 print. */
test.each([
  ["git@github.com: Permission denied (publickey).", "refused-key", /register its public key/],
  [
    "Received disconnect from UNKNOWN port 65535:2: Too many authentication failures",
    "refused-key",
    /register/,
  ],
  [
    "@    WARNING: REMOTE HOST IDENTIFICATION HAS CHANGED!     @\nHost key verification failed.",
    "changed-host-key",
    /known_hosts = \["ssh\.github\.com TYPE KEY"\]/,
  ],
  [
    "No ED25519 host key is known for [ssh.github.com]:443 and you have requested strict checking.\nHost key verification failed.",
    "unknown-host-key",
    /known_hosts/,
  ],
  [
    'nc: Proxy error: "HTTP/1.0 403 Filtered"\nkex_exchange_identification: Connection closed by remote host',
    "not-allowed",
    /^devkit allow ssh\.github\.com --agent 2$/,
  ],
  ["Ncat: Proxy returned status code 403.\nkex_exchange_identification: x", "not-allowed", /^devkit allow /],
  ['nc: Proxy error: "HTTP/1.0 500 Unable to connect"', "unreachable", /devkit egress log --agent 2/],
  [
    'nc: getaddrinfo for host "tinyproxy" port 8888: Temporary failure in name resolution',
    "egress-down",
    /^devkit up$/,
  ],
  [
    "nc.openbsd: connect to tinyproxy port 8888 (tcp) failed: Connection refused",
    "egress-down",
    /^devkit up$/,
  ],
  [
    "devkit: no netcat that can ask the proxy is installed (netcat-openbsd or ncat)",
    "no-program",
    /packages/,
  ],
  ["/bin/sh: 1: exec: ssh: not found", "no-program", /packages/],
  [
    "@         WARNING: UNPROTECTED PRIVATE KEY FILE!          @\ngit@github.com: Permission denied (publickey).",
    "key-permissions",
    /^devkit ssh-setup --index 2$/,
  ],
  ["Connection timed out during banner exchange", "timeout", /--timeout/],
  ["kex_exchange_identification: Connection closed by remote host", "closed", /try again/],
  ["something\nnew \u001b[31m", "other", /ssh -v git@github\.com/],
  ["", "other", /ssh -v/],
] as const)("%j is %s", (printed, reason, hint) => {
  const failure = explainSshFailure(printed, { index: 2, host: GITHUB, key: "usable" });
  expect(failure.reason).toBe(reason);
  expect(failure.hint).toMatch(hint);
  expect(failure.what).toMatch(/^\P{Cc}+$/u);
});

test("the way back from a changed host key is that of the host, as everywhere", () => {
  const host = findSshHost("gitlab.com", NONE) as SshHost;
  const { hint } = explainSshFailure("REMOTE HOST IDENTIFICATION HAS CHANGED", {
    index: 2,
    host,
    key: "usable",
  });
  expect(hint).toMatch(
    /altssh\.gitlab\.com TYPE KEY.*, then: devkit ssh-setup --index 2 --host gitlab\.com$/,
  );
});

test("a refusal is the key's own fault where there is none, or one with a passphrase", () => {
  const reasonWith = (key: "none" | "encrypted") =>
    explainSshFailure("Permission denied (publickey).", { index: 2, host: COMPANY, key });
  expect(reasonWith("none")).toMatchObject({
    reason: "no-key",
    hint: "devkit ssh-setup --index 2 --host git.example.com",
  });
  expect(reasonWith("encrypted").reason).toBe("encrypted-key");
  expect(reasonWith("encrypted").hint).toContain("--agent-forward");
});

test("the key of a host that none was known of is forgotten where ssh noted it", () => {
  const printed = "WARNING: REMOTE HOST IDENTIFICATION HAS CHANGED!";
  expect(explainSshFailure(printed, { index: 2, host: COMPANY, key: "usable" }).hint).toContain(
    "devkit exec 2 -- ssh-keygen -R '[git.example.com]:443'",
  );
});

test.each(["nc", "nc: "])(
  "however much is printed, reading it takes no time: %s",
  (word) => {
    const context = { index: 2, host: GITHUB, key: "usable" } as const;
    const found = explainSshFailure(word.repeat(1_000_000), context);
    expect(found).toMatchObject({ reason: "other" });
  },
  5000,
);
