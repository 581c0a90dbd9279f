import { execa } from "execa";
import { mkdir, writeFile } from "node:fs/promises";
import path from "node:path";
import { describe, expect, test } from "vitest";
import { hostBlock, keyFileOf, knownHostsText, withInclude } from "../../../../src/domain/ssh/ssh-config.js";
import { findSshHost, type SshHost } from "../../../../src/domain/ssh/ssh-host.js";
import { tempDir } from "../../support/temp.js";

const GITHUB = findSshHost("github.com", { hosts: {}, known_hosts: [] }) as SshHost;
const COMPANY: SshHost = { name: "git.example.com", server: "git.example.com", keys: [] };
const OWN = { keyFile: "id_ed25519", forward: false };

/** What ssh itself makes of a config for a destination. */
async function resolved(text: string, ...args: string[]): Promise<string[]> {
  const file = path.join(await tempDir(), "config");
  await writeFile(file, text);
  return (await execa("ssh", ["-F", file, "-G", ...args])).stdout.split("\n");
}

describe("the block of a host", () => {
  test("is what ssh needs for a plain address", async () => {
    const lines = await resolved(hostBlock(GITHUB, OWN), "github.com");
    expect(lines).toEqual(
      expect.arrayContaining([
        "hostname ssh.github.com",
        "port 443",
        "user git",
        "identitiesonly yes",
        "stricthostkeychecking true",
        "identityfile ~/.ssh/id_ed25519",
        "serveraliveinterval 60",
        expect.stringMatching(/^userknownhostsfile \S+\/known_hosts \S+\/known_hosts\.devkit$/),
      ]),
    );
    const proxy = lines.find((line) => line.startsWith("proxycommand ")) ?? "";
    expect(proxy).toContain("p=tinyproxy:8888");
    expect(proxy).toMatch(/' %h$/);
  });

  test("is for the server's own name too, and for nothing else", async () => {
    const block = hostBlock(GITHUB, OWN);
    expect(await resolved(block, "ssh.github.com")).toContain("user git");
    expect(await resolved(block, "gist.github.com")).not.toContain("user git");
  });

  test("takes the first key that a host shows only where none is known", async () => {
    expect(await resolved(hostBlock(COMPANY, OWN), "git.example.com")).toContain(
      "stricthostkeychecking accept-new",
    );
  });

  test("offers the keys of the user's agent only where that is wanted", async () => {
    const block = hostBlock(GITHUB, { keyFile: undefined, forward: true });
    expect(block).not.toContain("IdentityFile");
    expect(await resolved(block, "github.com")).toContain("identitiesonly no");
  });

  test("says which key it is with", () => {
    const keyFile = "id_rsa-git.example.com";
    expect(keyFileOf(hostBlock(COMPANY, { keyFile, forward: false }))).toBe(keyFile);
    expect(keyFileOf(hostBlock(COMPANY, { keyFile: undefined, forward: false }))).toBeUndefined();
    expect(keyFileOf("  IdentityFile ~/.ssh/../../etc/passwd\n")).toBeUndefined();
  });
});

describe("the proxy command", () => {
  /** A PATH on which these programs say what they were called with. */
  async function ask(programs: Readonly<Record<string, string>>) {
    const bin = await tempDir();
    for (const [name, script] of Object.entries(programs))
      await writeFile(path.join(bin, name), `#!/bin/sh\n${script}\n`, { mode: 0o755 });
    await execa("ln", ["-s", "/usr/bin/grep", bin]);
    const command = /ProxyCommand (.*) %h\n/.exec(hostBlock(GITHUB, OWN))?.[1] ?? "";
    const env = { PATH: bin };
    const options = { env, extendEnv: false, reject: false } as const;
    return execa("/bin/sh", ["-c", `exec /bin/${command} ssh.example.com`], options);
  }
  const SAYS = 'echo "$(basename "$0" 2>/dev/null || echo ${0##*/}) $*"';
  const OPENBSD = `[ "$1" = -h ] && { echo '  -X proto  Proxy protocol' >&2; exit 1; }\necho "\${0##*/} $*"`;
  const TRADITIONAL = `[ "$1" = -h ] && { echo 'nc -l -p port' >&2; exit 1; }\n${SAYS}`;
  const NCAT = 'echo "ncat $*"';

  test.each([
    ["the one of Debian", { "nc.openbsd": OPENBSD, nc: TRADITIONAL }, "nc.openbsd -X connect"],
    ["one that only has its short name", { nc: OPENBSD }, "nc -X connect"],
    ["ncat, where nc cannot do it", { nc: TRADITIONAL, ncat: NCAT }, "ncat --proxy tinyproxy:8888"],
  ])("takes %s", async (_, programs, said) => {
    const { stdout } = await ask(programs);
    expect(stdout).toContain(said);
    expect(stdout).toMatch(/ssh\.example\.com 443$/);
  });

  test("says what is missing where nothing can", async () => {
    const { exitCode, stderr } = await ask({ nc: TRADITIONAL });
    expect(exitCode).toBe(127);
    expect(stderr).toBe("devkit: no netcat that can ask the proxy is installed (netcat-openbsd or ncat)");
  });
});

test("known hosts are found by ssh under port 443, and under the port that a URL may name", async () => {
  const file = path.join(await tempDir(), "known_hosts");
  await writeFile(file, knownHostsText([GITHUB, COMPANY]));
  for (const name of ["[ssh.github.com]:443", "ssh.github.com"]) {
    const { stdout } = await execa("ssh-keygen", ["-f", file, "-F", name]);
    expect(stdout.match(/ssh-ed25519|ssh-rsa|ecdsa-sha2-nistp256/g)).toHaveLength(3);
  }
});

describe("the include", () => {
  const LINE = "Include devkit.d/*.conf\n";
  test("comes before all that is there, which stays as it is", () => {
    const own = "Host *\n  ForwardAgent no\n\n# end";
    expect(withInclude("")).toBe(LINE);
    expect(withInclude(own)).toBe(`${LINE}\n${own}`);
  });

  test("is written once", () => {
    const once = withInclude("Host a\n  User b\n");
    expect(withInclude(once)).toBe(once);
    const commented = `# mine\n\n${once}`;
    expect(withInclude(commented)).toBe(commented);
  });

  test("in the block of another host is not enough", () => {
    const text = `Host a\n${LINE}`;
    expect(withInclude(text)).toBe(`${LINE}\n${text}`);
  });

  test("makes ssh read the blocks first", async () => {
    const dir = await tempDir();
    await mkdir(path.join(dir, "devkit.d"));
    await writeFile(path.join(dir, "devkit.d/github.com.conf"), hostBlock(GITHUB, OWN));
    // A relative path is below ~/.ssh, which ssh takes from the password file.
    const config = withInclude("Host *\n  Port 22\n").replace(
      "devkit.d",
      path.join(dir.replaceAll(" ", "?"), "devkit.d"),
    );
    expect(await resolved(config, "github.com")).toContain("port 443");
  });
});
