// `agent list` on idle agents against the two looks it cannot do without: one list call of the engine and one
// `git worktree list`. Both are made by devkit's own code in this one process, in turn, the two looks one after the other:
// that compares the work. What a person waits for, process start-up included, is shown beside it. Also says what a worktree
// costs on disk. Usage: node bench/list.mjs [N] [rounds] [files]; needs `npm run build`, an engine and the image.
import { build } from "esbuild";
import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { pathToFileURL } from "node:url";

const [count = 16, rounds = 25, files = 1000] = process.argv.slice(2).map(Number);
const root = path.dirname(import.meta.dirname);
const program = path.join(root, "dist/main.js");
const dir = realpathSync(mkdtempSync(path.join(tmpdir(), "devkit-bench-")));
const repo = path.join(dir, "demo");
const stateHome = path.join(dir, "state");
const env = { ...process.env, XDG_STATE_HOME: stateHome };

async function main() {
  makeRepository();
  const before = diskUse(repo);
  run(process.execPath, [program, "agent", "up", String(count)]);
  reportDisk(before);
  const { open } = await loadParts();
  const { list, engineList, worktreeList } = await open(repo, stateHome);
  const ways = {
    "engine list": engineList,
    "git worktree list": worktreeList,
    "listing, in process": list,
    "node -e 0": () => run(process.execPath, ["-e", "0"]),
    "devkit agent list": () => run(process.execPath, [program, "agent", "list"]),
  };
  const ms = await measure(ways);
  const looks = ms["engine list"] + ms["git worktree list"];
  console.log(`${count} idle agents, ${rounds} rounds, medians`);
  for (const [way, time] of Object.entries(ms)) console.log(`  ${way.padEnd(20)} ${time.toFixed(1)} ms`);
  console.log(
    `  listing / (engine list + git worktree list) = ${(ms["listing, in process"] / looks).toFixed(2)}`,
  );
}

async function measure(ways) {
  const times = Object.fromEntries(Object.keys(ways).map((way) => [way, []]));
  for (let round = -1; round < rounds; round += 1) {
    for (const [way, act] of Object.entries(ways)) {
      const began = performance.now();
      await act();
      // The first round only warms up.
      if (round >= 0) times[way].push(performance.now() - began);
    }
  }
  return Object.fromEntries(Object.entries(times).map(([way, all]) => [way, median(all)]));
}

/** devkit's use-case and its adapters, bundled into a module that can be imported. */
async function loadParts() {
  const contents = `
    import { listAgents } from "./src/app/agents/list.js";
    import { createDockerEngine } from "./src/adapters/docker/engine.js";
    import { createAgentState } from "./src/adapters/fs/agent-state.js";
    import { createFileLocks } from "./src/adapters/fs/locks.js";
    import { createGitHistory } from "./src/adapters/git/history.js";
    import { locateProject } from "./src/adapters/git/locate-project.js";
    import { createGitWorktrees } from "./src/adapters/git/worktrees.js";
    import { locksDir, projectOf } from "./src/domain/identity/project.js";
    export async function open(repo, stateHome) {
      const project = projectOf({ ...(await locateProject(repo)), stateHome });
      const progress = { warn() {}, info() {}, step() {} };
      const [engine, worktrees] = [createDockerEngine(), createGitWorktrees(project)];
      const locks = createFileLocks({ directory: locksDir(project), progress, signal: new AbortController().signal });
      const deps = { project, engine, worktrees, history: createGitHistory(project), state: createAgentState(), locks, progress };
      const never = () => Promise.reject(new Error("nothing was to sync"));
      return {
        list: () => listAgents(deps, never),
        engineList: () => engine.listContainers("agent", project.id),
        worktreeList: () => worktrees.list(),
      };
    }`;
  // Among the packages, so that it finds them.
  const outfile = path.join(root, "node_modules/.cache/devkit-bench/list.mjs");
  const stdin = { contents, resolveDir: root, loader: "ts" };
  await build({ stdin, outfile, bundle: true, platform: "node", format: "esm", packages: "external" });
  return import(pathToFileURL(outfile).href);
}

/** What the agents added below the repository and in devkit's state, against what their files alone take. */
function reportDisk(before) {
  const checkout = diskUse(path.join(repo, ".devkit/agents/agent-1"));
  const added = diskUse(repo) - before - checkout * count;
  const perAgent = (kib) => `${(kib / count).toFixed(0)} KiB`;
  const gits = Array.from({ length: count }, (_, position) => position + 1)
    .map((index) =>
      run("sh", ["-c", `du -sk "${stateHome}"/devkit/*/agents/agent-${index}/git/objects | cut -f1`]),
    )
    .reduce((sum, kib) => sum + Number(kib), 0);
  console.log(
    `disk for each of ${count} agents, ${files} files, ${diskUse(path.join(repo, ".git/objects"))} KiB of history`,
  );
  console.log(`  files of the checkout  ${checkout} KiB`);
  console.log(`  in the repository      ${perAgent(added)} (index and other files of git worktree add)`);
  console.log(`  state: home, git dir   ${perAgent(diskUse(stateHome))}, of it objects ${perAgent(gits)}`);
}

function diskUse(place) {
  return Number(run("du", ["-sk", place]).split("\t")[0]);
}

function makeRepository() {
  for (let i = 0; i < files; i += 1) {
    const file = path.join(repo, `d${i % 20}`, `f${i}.txt`);
    mkdirSync(path.dirname(file), { recursive: true });
    writeFileSync(file, `${i}\n`.repeat(2000));
  }
  const git = (...args) => run("git", ["-c", "user.name=b", "-c", "user.email=b@example.com", ...args]);
  git("init", "-q");
  git("add", ".");
  git("commit", "-qm", "x");
}

function removeContainers() {
  const format = '{{.ID}} {{.Label "dev.devkit.root"}}';
  const ids = run("docker", [
    "ps",
    "-a",
    "--no-trunc",
    "--filter",
    "label=dev.devkit.root",
    "--format",
    format,
  ])
    .split("\n")
    .filter((line) => line.includes(dir))
    .map((line) => line.split(" ")[0]);
  if (ids.length > 0) run("docker", ["rm", "-f", ...ids]);
  const networks = run("docker", ["network", "ls", "--format", "{{.ID}} {{.Labels}}"])
    .split("\n")
    .filter((line) => line.includes(`dev.devkit.root=${dir}`))
    .map((line) => line.split(" ")[0]);
  if (networks.length > 0) run("docker", ["network", "rm", ...networks]);
}

function run(command, args) {
  return execFileSync(command, args, { cwd: repo, env, encoding: "utf8", stdio: ["ignore", "pipe", "pipe"] });
}

function median(values) {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)];
}

try {
  await main();
} finally {
  removeContainers();
  rmSync(dir, { recursive: true, force: true });
}
