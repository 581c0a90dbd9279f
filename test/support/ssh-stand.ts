import { execa } from "execa";
import { createHash } from "node:crypto";
import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { waitFor } from "../../src/base/wait.js";
import type { Sandbox } from "./sandbox.js";

const DOCKERFILE = path.resolve(import.meta.dirname, "ssh-stand.Dockerfile");
const INSTALL = path.resolve(import.meta.dirname, "../../docker/shared/install-packages");
const REPOSITORY = "/home/git/team/app.name.git";
const KEYS = "/etc/ssh/authorized_keys";
/** sshd looks at who asks for which key; what is not git answers with a greeting and 1, as GitHub does. */
const FILES: Readonly<Record<string, string>> = {
  sshd_config: [
    "Port 443",
    "HostKey /etc/ssh/ssh_host_ed25519_key",
    `AuthorizedKeysFile ${KEYS}`,
    "PasswordAuthentication no",
    "KbdInteractiveAuthentication no",
    "UsePAM no",
    "LogLevel VERBOSE",
    "ForceCommand /etc/ssh/greet",
    "MaxStartups 100",
    "PidFile /run/sshd.pid",
    "",
  ].join("\n"),
  greet: [
    "#!/bin/sh",
    'if [ -n "$SSH_ORIGINAL_COMMAND" ]; then exec git-shell -c "$SSH_ORIGINAL_COMMAND"; fi',
    'echo "Hi $USER! You\'ve successfully authenticated, but this server does not provide shell access." >&2',
    "exit 1",
    "",
  ].join("\n"),
  start: [
    "#!/bin/sh",
    "set -e",
    "ssh-keygen -q -t ed25519 -N '' -f /etc/ssh/ssh_host_ed25519_key",
    "exec /usr/sbin/sshd -D -e",
    "",
  ].join("\n"),
};

/** Names that the server has on the network outside: `[egress] private` has to have them too, before it starts. */
export const SSH_NAMES = ["ssh.github.com", "altssh.gitlab.com", "git.company.test"] as const;

/** For a devkit.toml: lets egress lead to the server, whose address is a private one. */
export const SSH_EGRESS = `[egress]\nprivate = ${JSON.stringify(SSH_NAMES)}\n`;

/** A real sshd on port 443 (`git push git@github.com:team/app.name.git`) beside the egress, with the bare repository `team/app.name.git` of the user `git`. */
export interface SshStand {
  /** Public keys, as in a `.pub` file, that may log in; those of before no more. */
  authorize(...publicKeys: string[]): Promise<void>;
  /** `ssh-ed25519 AAAA…` */
  hostKey(): Promise<string>;
  /** Another key from now on, as after an attack or a reinstallation. */
  changeHostKey(): Promise<void>;
  /** Connections are accepted, and nothing is said; `false`: it goes on. */
  setSilent(silent: boolean): Promise<void>;
  /** What sshd wrote since it started: which key was accepted or refused, for whom. */
  log(): Promise<string>;
  /** git in the bare repository. */
  git(...args: string[]): Promise<string>;
  /** A shell command in the server's container, as root. */
  inside(script: string, input?: string): Promise<string>;
}

/** The sandbox's egress has to run; its `remove` removes the server too. */
export async function createSshStand(box: Sandbox): Promise<SshStand> {
  const image = await buildImage(box);
  const docker = async (args: readonly string[], input = "") =>
    (await execa("docker", args, { env: box.env, input })).stdout;
  const status = await box.json("status");
  const [egress] = (status.data as { containers: { name: string }[] }).containers;
  const labels = [`dev.devkit.root=${box.repo}`, "dev.devkit.project=beside"];
  const aliases = SSH_NAMES.flatMap((name) => ["--network-alias", name]);
  const args = ["run", "-d", "--init", "--network", `${egress?.name ?? ""}-out`, ...aliases];
  const id = await docker([...args, ...labels.flatMap((label) => ["--label", label]), image]);
  const inside = (script: string, input?: string) => docker(["exec", "-i", id, "sh", "-c", script], input);
  const signal = (name: string) => inside(`kill -${name} "$(cat /run/sshd.pid)"`);
  const isUp = async () => (await inside("cat /run/sshd.pid 2>/dev/null; true")) || undefined;
  await waitFor(isUp, { deadlineMs: 20_000, intervalMs: 20, what: "sshd" });
  const log = async () => (await execa("docker", ["logs", id], { env: box.env, all: true })).all;
  return {
    async authorize(...publicKeys) {
      await inside(`cat > ${KEYS}`, publicKeys.map((key) => `${key.trim()}\n`).join(""));
    },
    hostKey: async () => (await inside("cut -d' ' -f1,2 /etc/ssh/ssh_host_ed25519_key.pub")).trim(),
    async changeHostKey() {
      const file = "/etc/ssh/ssh_host_ed25519_key";
      const count = async () => (await log()).split("Server listening").length;
      const before = await count();
      await inside(`rm ${file} && ssh-keygen -q -t ed25519 -N '' -f ${file}`);
      await signal("HUP");
      const isBack = async () => ((await count()) > before ? true : undefined);
      await waitFor(isBack, { deadlineMs: 20_000, intervalMs: 20, what: "sshd with another key" });
    },
    async setSilent(silent) {
      await signal(silent ? "STOP" : "CONT");
    },
    log,
    git: (...args) => docker(["exec", "-u", "git", id, "git", "--git-dir", REPOSITORY, ...args]),
    inside,
  };
}

/** Built once: its name comes from what goes into it. */
async function buildImage({ env }: Sandbox): Promise<string> {
  const [dockerfile, install] = [await readFile(DOCKERFILE, "utf8"), await readFile(INSTALL, "utf8")];
  const files = { ...FILES, Dockerfile: dockerfile, "install-packages": install };
  const hash = createHash("sha256").update(JSON.stringify(files)).digest("hex").slice(0, 12);
  const tag = `devkit-test-ssh:${hash}`;
  const known = await execa("docker", ["image", "inspect", tag], { env, reject: false });
  if (known.exitCode === 0) return tag;
  const context = await mkdtemp(path.join(tmpdir(), "devkit-ssh-image-"));
  try {
    await mkdir(path.join(context, "ca"));
    for (const [name, text] of Object.entries({ ...files, "ca/.keep": "" })) {
      await writeFile(path.join(context, name), text);
    }
    const certificates = env["NODE_EXTRA_CA_CERTS"] ?? env["SSL_CERT_FILE"];
    if (certificates !== undefined) await execa("cp", [certificates, path.join(context, "ca/bundle.pem")]);
    const proxies = ["HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY"].filter((name) => env[name] !== undefined);
    const args = ["--network=host", ...proxies.flatMap((name) => ["--build-arg", name])];
    await execa("docker", ["build", "-q", ...args, "-t", tag, context], { env });
    return tag;
  } finally {
    await rm(context, { recursive: true, force: true });
  }
}
