import { execa } from "execa";
import { lstat, readdir, readFile } from "node:fs/promises";
import path from "node:path";
import type { Sandbox } from "../support/sandbox.js";
import { agentsOf } from "./commands.js";
import { stateOf } from "./state-of.js";
import type { World } from "./world.js";

/** What is there of no agent, in words. The trash is what it is for. */
export async function findLeftovers(world: World): Promise<string[]> {
  const agents = new Set(await agentsOf(world));
  const found = await Promise.all([
    onEngine(world, agents),
    inGit(world, agents),
    inState(world, agents),
    temporaryFiles(world),
    inLocks(world, agents),
    inTasks(world, agents),
    sessions(world, agents),
    processes(world.box),
  ]);
  return found.flat();
}

async function onEngine({ box, engine }: World, agents: ReadonlySet<string>): Promise<string[]> {
  const own = ["--filter", `label=dev.devkit.root=${box.repo}`, "--format"];
  const labels = '{{.Label "dev.devkit.role"}}\t{{.Label "dev.devkit.agent"}}\t';
  const lines = async (...words: string[]) =>
    (await engine.docker(...words))
      .split("\n")
      .filter((line) => line !== "")
      .map((line) => line.split("\t"));
  const containers = await lines("ps", "-a", ...own, `${labels}{{.Names}}`);
  const networks = await lines("network", "ls", ...own, `${labels}{{.Name}}`);
  const volumes = await lines("volume", "ls", ...own, `${labels}{{.Name}}`);
  const roles = new Map<string, number>();
  const left: string[] = [];
  for (const [role = "", agent = "", name = ""] of containers) {
    const key = `${role} ${agent}`;
    roles.set(key, (roles.get(key) ?? 0) + 1);
    const known = agent === "" ? ["egress", "broker"].includes(role) : agents.has(agent);
    if (!known) left.push(`container ${name} (${role}) has no agent`);
  }
  for (const [key, count] of roles) if (count > 1) left.push(`${String(count)} containers are ${key}`);
  const seen = new Set<string>();
  for (const [, agent = "", name = ""] of networks) {
    if (agent !== "" && !agents.has(agent)) left.push(`network ${name} has no agent`);
    if (seen.has(name)) left.push(`there are two networks ${name}`);
    seen.add(name);
  }
  for (const [, agent = "", name = ""] of volumes)
    if (agent !== "" && !agents.has(agent)) left.push(`volume ${name} has no agent`);
  return left;
}

async function inGit({ box }: World, agents: ReadonlySet<string>): Promise<string[]> {
  const left: string[] = [];
  const registered = await readdir(path.join(box.repo, ".git/worktrees")).catch(() => []);
  for (const name of registered) if (!agents.has(name)) left.push(`worktree ${name} has no agent`);
  const refs = await box.git("for-each-ref", "--format=%(refname)", "refs/heads/agent", "refs/devkit");
  for (const ref of refs.split("\n").filter((one) => one !== "" && !one.startsWith("refs/devkit/trash/"))) {
    const words = ref.split("/");
    const agent = words[3];
    if (!agents.has(agent ?? "")) left.push(`ref ${ref} has no agent`);
  }
  const files = await readdir(path.join(box.repo, ".git"), { recursive: true });
  for (const file of files)
    if (file.endsWith(".lock") && !file.startsWith("objects/")) left.push(`.git/${file}`);
  return left;
}

async function inState({ box }: World, agents: ReadonlySet<string>): Promise<string[]> {
  const state = await stateOf(box);
  const names = async (directory: string) => readdir(path.join(state, directory)).catch(() => []);
  const homes = (await names("agents")).filter((name) => !agents.has(name));
  const notes = await Promise.all(
    ["under-way", "ephemeral"].map(async (at) => (await names(at)).map((one) => `${at}/${one}`)),
  );
  const proofs = (await readdir(box.dir)).filter((name) => name.startsWith(".proof-"));
  return [
    ...homes.map((name) => `state of ${name}, which is no agent`),
    ...notes.flat().map((note) => `note ${note}`),
    ...proofs.map((name) => `unfinished proof ${name}`),
  ];
}

/** Files that are made aside and renamed into place. Not in what agents write, and not in the trash. */
async function temporaryFiles({ box }: World): Promise<string[]> {
  const found: string[] = [];
  const skip = new Set(["home", "trash"]);
  const walk = async (directory: string, skipped: ReadonlySet<string>) => {
    const entries = await readdir(directory, { withFileTypes: true }).catch(() => []);
    for (const entry of entries) {
      const file = path.join(directory, entry.name);
      if (/^\..*(\.tmp$|-[A-Za-z0-9]{6}$)/.test(entry.name))
        found.push(`temporary ${path.relative(box.dir, file)}`);
      else if (entry.isDirectory() && !skipped.has(entry.name)) await walk(file, skipped);
    }
  };
  await walk(await stateOf(box), skip);
  await walk(path.join(box.repo, ".devkit"), new Set(["agents", "trash"]));
  return found;
}

/** A lock that is free is a file, too (docs/adr/0005); names of runs never come again. */
async function inLocks({ box }: World, agents: ReadonlySet<string>): Promise<string[]> {
  const directory = path.join(box.repo, ".devkit/locks");
  const left: string[] = [];
  for (const name of await readdir(directory).catch(() => [])) {
    const agent = /(run-[0-9a-f]+-\d+)\.\d+$/.exec(name)?.[1];
    if (agent !== undefined && !agents.has(agent)) left.push(`lock ${name} has no agent`);
    const text = await readFile(path.join(directory, name), "utf8").catch(() => "{}");
    const { pid, released } = JSON.parse(text) as { pid?: number; released?: boolean };
    if (released === false && pid !== undefined && !(await exists(`/proc/${String(pid)}`)))
      left.push(`lock ${name} of a dead process`);
  }
  return left;
}

async function inTasks({ box }: World, agents: ReadonlySet<string>): Promise<string[]> {
  const directory = path.join(box.repo, ".devkit/refs/tasks");
  const left: string[] = [];
  for (const name of await readdir(directory).catch(() => [])) {
    const text = await readFile(path.join(directory, name), "utf8");
    const { claimed_by: agent } = JSON.parse(text) as { claimed_by?: string };
    if (agent !== undefined && agent !== "main" && !agents.has(agent))
      left.push(`claim of ${name} by ${agent}`);
  }
  return left;
}

async function sessions({ box }: World, agents: ReadonlySet<string>): Promise<string[]> {
  const { stdout } = await execa("tmux", ["list-sessions", "-F", "#{session_name}"], {
    ...{ env: box.env, extendEnv: false, reject: false },
  });
  const names = stdout.split("\n").filter((name) => name !== "");
  return names
    .filter((name) => ![...agents].some((agent) => name.endsWith(agent)))
    .map((name) => `session ${name} has no agent`);
}

/** Of devkit's and what it starts on the host, by the HOME that only the sandbox's have. The server of sessions stays, and what is in them. */
async function processes(box: Sandbox): Promise<string[]> {
  const home = `HOME=${box.env["HOME"] ?? ""}`;
  const left: string[] = [];
  for (const pid of (await readdir("/proc")).filter((name) => /^\d+$/.test(name))) {
    const read = (file: string) => readFile(`/proc/${pid}/${file}`, "utf8").catch(() => "");
    const environ = (await read("environ")).split("\0");
    if (!environ.includes(home) || environ.some((one) => one.startsWith("TMUX="))) continue;
    const command = (await read("cmdline")).replaceAll("\0", " ").trim();
    if (command !== "" && !command.startsWith("tmux")) left.push(`process ${pid}: ${command}`);
  }
  return left;
}

async function exists(file: string): Promise<boolean> {
  return lstat(file).then(
    () => true,
    () => false,
  );
}
