import { execFileSync } from "node:child_process";
import { existsSync, readdirSync, readFileSync, readlinkSync } from "node:fs";
import path from "node:path";

/** What numbers itself anew without growing: a lock is a file with the next number (docs/adr/0005). */
const NUMBERED = /^(.*\/locks\/[^/]+\.)\d+$/;
/** `tcp` in /proc/net: a socket that listens. */
const LISTENS = "0A";

/**
 * Everything that runs in a repository can leave, by kind: names that can be compared. `alone`: nobody else uses the engine
 * and this network namespace, so that what has no owner's name counts too.
 */
export function takeTraces({ dir, repo, env, alone }) {
  const docker = (...args) => lines("docker", args, { env });
  const own = ["--filter", "label=dev.devkit.role", "--format", '{{.ID}} {{.Label "dev.devkit.root"}}'];
  const ofRepo = (found) => found.filter((line) => line.endsWith(` ${repo}`));
  const git = (...args) => lines("git", ["-C", repo, ...args], { env });
  const kinds = {
    containers: alone ? docker("ps", "-aq", "--no-trunc") : ofRepo(docker("ps", "-a", "--no-trunc", ...own)),
    networks: alone ? docker("network", "ls", "-q") : ofRepo(docker("network", "ls", ...own)),
    volumes: alone ? docker("volume", "ls", "-q") : ofRepo(docker("volume", "ls", ...own)),
    worktrees: git("worktree", "list", "--porcelain").filter((line) => line.startsWith("worktree ")),
    refs: git("for-each-ref", "--format=%(refname)"),
    files: filesBelow(dir).map((file) => file.replace(NUMBERED, "$1N")),
    processes: processesOf(dir),
  };
  if (!alone) return kinds;
  return {
    ...kinds,
    interfaces: interfaces(),
    "iptables rules": ["filter", "nat"].flatMap((table) => lines("iptables", ["-t", table, "-S"], { env })),
    "listening ports": listening(),
  };
}

/** By kind: what is there now and was not, and the other way round. */
export function compareTraces(before, after) {
  return Object.keys(after).map((kind) => ({
    kind,
    count: after[kind].length,
    more: without(after[kind], before[kind]),
    less: without(before[kind], after[kind]),
  }));
}

/** As often as it is there: two rules can be the same. */
function without(list, other) {
  const left = [...other];
  return list.filter((one) => {
    const at = left.indexOf(one);
    if (at >= 0) left.splice(at, 1);
    return at < 0;
  });
}

/**
 * Objects of git are no trace: what no ref has goes with git's own gc. Nor are npm's logs, of which it keeps ten, and the
 * egress's, which is one for all and bounded.
 */
function filesBelow(dir) {
  try {
    return readFilesBelow(dir);
  } catch (error) {
    // Somebody is at work there.
    if (error.code === "ENOENT" || error.code === "ENOTDIR") return filesBelow(dir);
    throw error;
  }
}

function readFilesBelow(dir) {
  const isMeant = (file) => !/\/\.git\/objects\/|\/\.npm\/_logs\/|\/egress\/.*audit\//.test(file);
  return readdirSync(dir, { recursive: true, withFileTypes: true })
    .map((entry) => path.join(entry.parentPath ?? entry.path, entry.name))
    .filter(isMeant);
}

/** Command lines of what works here, or was called with something that is here. */
function processesOf(dir) {
  return readdirSync("/proc").flatMap((pid) => {
    if (!/^\d+$/.test(pid) || Number(pid) === process.pid) return [];
    try {
      const command = readFileSync(`/proc/${pid}/cmdline`, "utf8").replaceAll("\0", " ");
      const cwd = readlinkSync(`/proc/${pid}/cwd`);
      return `${cwd} ${command}`.includes(dir) ? [command] : [];
    } catch {
      return [];
    }
  });
}

/** Of this namespace, which /sys need not be of. */
function interfaces() {
  const rows = readFileSync("/proc/self/net/dev", "utf8").split("\n").slice(2);
  return rows.flatMap((row) => /^\s*([^:\s]+):/.exec(row)?.[1] ?? []);
}

function listening() {
  return ["tcp", "tcp6"].flatMap((name) => {
    const file = `/proc/self/net/${name}`;
    if (!existsSync(file)) return [];
    const rows = readFileSync(file, "utf8").split("\n").slice(1);
    return rows
      .map((row) => row.trim().split(/\s+/))
      .flatMap(([, at, , state]) => (state === LISTENS ? [`${name} ${at}`] : []));
  });
}

function lines(program, args, options) {
  const text = execFileSync(program, args, { ...options, encoding: "utf8", maxBuffer: 2 ** 28 });
  return text.split("\n").filter((line) => line !== "");
}
