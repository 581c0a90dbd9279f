import { execa, type Options } from "execa";
import { mkdir, mkdtemp, realpath, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { waitFor } from "../../src/base/wait.js";

/** The program under test; DEVKIT_TEST_PROGRAM names another copy, for example one with a planted defect. */
export const PROGRAM =
  process.env["DEVKIT_TEST_PROGRAM"] ?? path.resolve(import.meta.dirname, "../../dist/main.js");

/** What a finished devkit left. */
export interface Finished {
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** A fresh repository with a HOME and state of its own, and the built program run in it. */
export interface Sandbox {
  readonly dir: string;
  readonly repo: string;
  readonly env: Record<string, string>;
  /** Runs devkit in the repository, never throwing for its exit code. */
  devkit(...args: string[]): Promise<Finished>;
  /** The same with execa's options (cwd, input, env, buffer, uid …). */
  devkitWith(options: Options, ...args: string[]): Promise<Finished>;
  /** Runs devkit with --json and answers the one document, whatever the exit code. */
  json(...args: string[]): Promise<Document>;
  git(...args: string[]): Promise<string>;
  /** The host user's identity as git's settings have it; agents get it in their HOME. */
  setIdentity(): Promise<void>;
  /** Waits until the condition holds, a minute at most. */
  until(condition: () => Promise<boolean>): Promise<void>;
  /** Agents' containers of this sandbox's repositories, by label, running or not: id, name, state. */
  containers(): Promise<{ id: string; name: string; state: string }[]>;
  /** Removes everything: containers and networks by label, then the directory. */
  remove(): Promise<void>;
}

/** The JSON envelope every command prints. */
export interface Document {
  readonly ok: boolean;
  readonly command: string;
  readonly version: number;
  readonly warnings: string[];
  // eslint-disable-next-line @typescript-eslint/no-explicit-any -- each test knows the shape it pins
  readonly data?: any;
  readonly error?: {
    code: string;
    message: string;
    hint: string | null;
    exitCode: number;
    details: Record<string, unknown>;
  };
  readonly exitCode: number;
}

export interface SandboxOptions {
  /** Name of the repository's directory. */
  readonly name?: string;
  /** Files of the first commit; by default a handful. Empty: no commit at all. */
  readonly files?: Readonly<Record<string, string>>;
  /** Where devkit runs, if not on this machine. */
  readonly host?: OtherHost;
}

/** A host with an engine of its own that has this machine's files. */
export interface OtherHost {
  /** For DOCKER_HOST. */
  readonly dockerHost: string;
  /** Comes before a program and its arguments. */
  readonly enter: readonly string[];
}

const FILES = {
  "README.md": "# demo\n",
  "src/app.js": "console.log(1);\n",
  "src/lib/util.js": "exports.x = 1;\n",
};

export async function createSandbox(options: SandboxOptions = {}): Promise<Sandbox> {
  const dir = await realpath(await mkdtemp(path.join(tmpdir(), "devkit-test-")));
  const repo = path.join(dir, options.name ?? "demo");
  const home = path.join(dir, "home");
  await mkdir(home, { recursive: true });
  await mkdir(repo, { recursive: true });
  const env = { ...sandboxEnv(home), ...(options.host && { DOCKER_HOST: options.host.dockerHost }) };
  const run = async (program: string, args: readonly string[], extra: Options = {}): Promise<Finished> => {
    const merged = { cwd: repo, env, extendEnv: false, reject: false, stdin: "ignore", ...extra } as Options;
    const result = await execa(program, args, merged);
    return { exitCode: result.exitCode ?? -1, stdout: String(result.stdout), stderr: String(result.stderr) };
  };
  const runProgram = (args: readonly string[], extra: Options = {}) => {
    const words = [process.execPath, PROGRAM, ...args];
    if (options.host === undefined) return run(process.execPath, words.slice(1), extra);
    // Another mount namespace is entered at its root.
    const [enter = "", ...rest] = [
      ...options.host.enter,
      "env",
      "--chdir",
      String(extra.cwd ?? repo),
      ...words,
    ];
    return run(enter, rest, extra);
  };
  const git = async (...args: string[]) => {
    const result = await run("git", args);
    if (result.exitCode !== 0) throw new Error(`git ${args.join(" ")}: ${result.stderr}`);
    return result.stdout;
  };
  // Tests change what devkit sees; what is left on the engine is the engine's that it was made on.
  const own = { ...env };
  const sandbox: Sandbox = {
    dir,
    repo,
    env,
    devkit: (...args) => runProgram(args),
    devkitWith: (extra, ...args) => runProgram(args, extra),
    async json(...args) {
      const { stdout, exitCode, stderr } = await runProgram(["--json", ...args]);
      try {
        return { ...(JSON.parse(stdout) as Omit<Document, "exitCode">), exitCode };
      } catch {
        throw new Error(`not one JSON document (exit ${String(exitCode)}): ${stdout}\n${stderr}`);
      }
    },
    git,
    async setIdentity() {
      await git("config", "--global", "user.name", "Tess Ter");
      await git("config", "--global", "user.email", "tess@example.com");
    },
    async until(condition) {
      const probe = async () => ((await condition()) ? true : undefined);
      await waitFor(probe, { deadlineMs: 60_000, intervalMs: 50, what: "the test's condition" });
    },
    containers: () => listContainers(dir, env, "role=agent"),
    async remove() {
      // The sessions that devkit made are of a tmux server of the sandbox's own.
      await run("tmux", ["kill-server"], { env: own });
      const ids = (await listContainers(dir, own, "project")).map(({ id }) => id);
      if (ids.length > 0) await execa("docker", ["rm", "-f", "-v", ...ids], { env: own });
      const networks = await listNetworks(dir, own);
      if (networks.length > 0) await execa("docker", ["network", "rm", ...networks], { env: own });
      await rm(dir, { recursive: true, force: true });
    },
  };
  await git("init", "-q", "-b", "main");
  const files = options.files ?? FILES;
  for (const [file, text] of Object.entries(files)) {
    await mkdir(path.dirname(path.join(repo, file)), { recursive: true });
    await writeFile(path.join(repo, file), text);
  }
  if (Object.keys(files).length > 0) {
    await git("add", ".");
    await git("commit", "-q", "-m", "first");
  }
  return sandbox;
}

/** Nothing of the tester's own settings; downloads are shared so that the image is built once. */
function sandboxEnv(home: string): Record<string, string> {
  const env: Record<string, string> = {
    HOME: home,
    PATH: process.env["PATH"] ?? "",
    TMUX_TMPDIR: path.dirname(home),
    XDG_CACHE_HOME: process.env["XDG_CACHE_HOME"] ?? path.join(process.env["HOME"] ?? "/root", ".cache"),
    GIT_AUTHOR_NAME: "Tess Ter",
    GIT_AUTHOR_EMAIL: "tess@example.com",
    GIT_COMMITTER_NAME: "Tess Ter",
    GIT_COMMITTER_EMAIL: "tess@example.com",
  };
  for (const name of [
    "DOCKER_HOST",
    "NODE_EXTRA_CA_CERTS",
    "SSL_CERT_FILE",
    "HTTP_PROXY",
    "HTTPS_PROXY",
    "NO_PROXY",
  ]) {
    const value = process.env[name];
    if (value !== undefined) env[name] = value;
  }
  return env;
}

/** Ids of the networks of a sandbox's repositories. */
async function listNetworks(dir: string, env: Record<string, string>): Promise<string[]> {
  const format = '{{.ID}}\t{{.Label "dev.devkit.root"}}';
  const filter = "label=dev.devkit.role=network";
  const { stdout } = await execa("docker", ["network", "ls", "--filter", filter, "--format", format], {
    env,
  });
  const lines = stdout.split("\n").map((line) => line.split("\t"));
  return lines.filter(([, root]) => root?.startsWith(`${dir}/`) === true).map(([id = ""]) => id);
}

async function listContainers(
  dir: string,
  env: Record<string, string>,
  label: string,
): Promise<{ id: string; name: string; state: string }[]> {
  const format = '{{.ID}}\t{{.Names}}\t{{.State}}\t{{.Label "dev.devkit.root"}}';
  const labelled = ["--filter", `label=dev.devkit.${label}`];
  const { stdout } = await execa("docker", ["ps", "-a", "--no-trunc", ...labelled, "--format", format], {
    env,
  });
  return stdout
    .split("\n")
    .map((line) => line.split("\t"))
    .filter(([, , , root]) => root?.startsWith(`${dir}/`) === true)
    .map(([id = "", name = "", state = ""]) => ({ id, name, state }));
}

/** `agent kind` of every operation in a document of `agent up` or `agent down`. */
export function operationsOf(document: Document): string[] {
  const { operations } = document.data as { operations: { agent: string; kind: string }[] };
  return operations.map(({ agent, kind }) => `${agent} ${kind}`);
}

export interface AgentData {
  readonly index: number;
  readonly name: string;
  readonly state?: string;
  readonly branch?: string;
  readonly sync?: string;
  readonly changed?: boolean;
}

export function agentsOf(document: Document): AgentData[] {
  return (document.data as { agents: AgentData[] }).agents;
}
