// Ephemeral runs by the hundred, with real containers, and a count of what they have left: nothing, or this fails.
// Usage: npm run soak -- [--runs 1000] [--agents 200 --at-once 8] [--kills 30] [--minutes M] [--alone] [--engine-pid P]
// Needs `npm run build`, an engine and the image. `--alone`: the engine and this network namespace are nobody else's.
import { execFile, execFileSync, spawn } from "node:child_process";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { homedir, tmpdir } from "node:os";
import path from "node:path";
import { parseArgs } from "node:util";
import { setTimeout as pause } from "node:timers/promises";
import { compareTraces, takeTraces } from "./lib/traces.mjs";

const text = (value) => ({ type: "string", default: value });
const { values } = parseArgs({
  options: {
    ...{ runs: text("20"), agents: text("0"), "at-once": text("8"), minutes: text("600"), kills: text("0") },
    ...{ alone: { type: "boolean", default: false }, "engine-pid": text("") },
  },
});
const [runs, agents, atOnce, kills] = [values.runs, values.agents, values["at-once"], values.kills].map(
  Number,
);
const deadline = performance.now() + Number(values.minutes) * 60_000;
const program = path.join(path.dirname(import.meta.dirname), "dist/main.js");
const dir = realpathSync(mkdtempSync(path.join(tmpdir(), "devkit-soak-")));
const repo = path.join(dir, "repo");
const env = {
  // Downloads are shared with everybody's.
  XDG_CACHE_HOME: process.env.XDG_CACHE_HOME ?? path.join(homedir(), ".cache"),
  ...{ PATH: process.env.PATH, HOME: path.join(dir, "home"), TMPDIR: path.join(dir, "tmp") },
  ...inherited(
    "DOCKER_HOST",
    "NODE_EXTRA_CA_CERTS",
    "SSL_CERT_FILE",
    "HTTP_PROXY",
    "HTTPS_PROXY",
    "NO_PROXY",
  ),
};
/** How often a count of traces comes in between: what leaks is seen before it is a thousand. */
const EVERY = 50;
const COMMAND = ["sh", "-c", "echo x >> f; git commit -qam x"];
let isOver = false;

async function main() {
  for (const signal of ["SIGINT", "SIGTERM"]) process.on(signal, () => (isOver = true));
  makeRepository();
  try {
    // The first makes what all of them share: images, the egress container, caches.
    const { problem } = await runOnce(0);
    if (problem !== undefined) throw new Error(`the first run failed: ${problem}`);
    const before = traces();
    const parts = [
      { name: `${runs} runs in sequence`, count: runs, width: 1 },
      { name: `${agents} runs, ${atOnce} at once`, count: agents, width: atOnce },
    ];
    for (const part of parts.filter(({ count }) => count > 0)) await runPart(part, before);
    if (kills > 0) await killPart(before);
  } catch (error) {
    console.error(error);
    process.exitCode = 1;
  }
  remove();
}

async function runPart({ name, count, width }, before) {
  const [times, failures, began] = [[], [], performance.now()];
  const memory = engineMemory();
  let [next, lastCount] = [1, 0];
  const work = async () => {
    while (next <= count && !isOver && performance.now() < deadline) {
      const id = next++;
      const one = await runOnce(id);
      times.push(one.ms);
      if (one.problem !== undefined) failures.push(`run ${id}: ${one.problem}`);
      if (width === 1 && times.length - lastCount >= EVERY) {
        lastCount = times.length;
        console.log(
          `${times.length} runs, ${figures(times.slice(-EVERY))}, ${failures.length} failed, ${leaksOf(before).length} left, engine ${engineMemory()}`,
        );
      }
    }
  };
  await Promise.all(Array.from({ length: width }, work));
  const minutes = ((performance.now() - began) / 60_000).toFixed(1);
  console.log(
    `\n${name}: ${times.length} done in ${minutes} min, ${figures(times)}, ${failures.length} failed`,
  );
  for (const failure of failures.slice(0, 20)) console.log(`  ${failure}`);
  console.log(`engine's memory: ${memory} before, ${engineMemory()} after`);
  for (const { kind, count: now, more, less } of compareTraces(before, traces())) {
    console.log(`  ${kind.padEnd(16)} ${String(more.length).padStart(4)} left  (${now} there)`);
    for (const one of more.slice(0, 10)) console.log(`    + ${one}`);
    for (const one of less.slice(0, 10)) console.log(`    - ${one}`);
  }
  if (failures.length > 0 || leaksOf(before).length > 0 || times.length < count) process.exitCode = 1;
}

/**
 * Runs that are killed with SIGKILL at any moment. Every other time only they are, and what stays has to go by itself; else
 * the shell that cleans up after them is killed as well, and the next devkit has to.
 */
async function killPart(before) {
  let [done, left] = [0, 0];
  while (done < kills && !isOver) {
    const withKeeper = done % 2 === 1;
    const moment = await killOne(withKeeper);
    if (withKeeper)
      execFileSync(process.execPath, [program, "run", "--reap"], { cwd: repo, env, stdio: "ignore" });
    const until = performance.now() + 60_000;
    let leaks = leaksOf(before);
    while (leaks.length > 0 && performance.now() < until) {
      await pause(500);
      leaks = leaksOf(before);
    }
    done += 1;
    left += leaks.length;
    console.log(`killed ${withKeeper ? "with its keeper " : ""}after ${moment} ms: ${leaks.length} left`);
    for (const leak of leaks.slice(0, 10)) console.log(`    + ${leak}`);
  }
  console.log(`${done} runs killed, ${left} left`);
  if (left > 0 || done < kills) process.exitCode = 1;
}

/** It has no work that could be in the trash. Answers how long it has lived. */
async function killOne(withKeeper) {
  const child = spawn(process.execPath, [program, "run", "--", "sleep", "1"], {
    cwd: repo,
    env,
    stdio: "ignore",
  });
  const ended = new Promise((resolve) => child.once("close", resolve));
  const moment = Math.round(300 + Math.random() * 7000);
  await Promise.race([pause(moment), ended]);
  // The keeper first: it would be at work at once.
  if (withKeeper) for (const keeper of keepersOf(child.pid)) tryKill(keeper);
  child.kill("SIGKILL");
  await ended;
  return moment;
}

/** It can have ended by itself. */
function tryKill(pid) {
  try {
    process.kill(pid, "SIGKILL");
  } catch (error) {
    if (error.code !== "ESRCH") throw error;
  }
}

function keepersOf(parent) {
  return readdirSync("/proc").flatMap((pid) => {
    try {
      const isChild =
        readFileSync(`/proc/${pid}/stat`, "utf8").split(") ")[1]?.split(" ")[1] === String(parent);
      return isChild && readFileSync(`/proc/${pid}/cmdline`, "utf8").includes("devkit-keeper")
        ? [Number(pid)]
        : [];
    } catch {
      return [];
    }
  });
}

/** One agent, which commits; its proof has to have that commit. */
function runOnce(id) {
  const out = path.join(dir, `proof-${id}`);
  const began = performance.now();
  const args = [program, "--json", "run", "--out", out, "--", ...COMMAND];
  return new Promise((resolve) => {
    execFile(process.execPath, args, { cwd: repo, env, maxBuffer: 2 ** 26 }, (error, stdout, stderr) => {
      const ms = performance.now() - began;
      const document = parse(stdout.trim().split("\n").at(-1));
      const [agent] = document?.data?.agents ?? [];
      const bundle = agent?.files.bundle;
      const isWhole = typeof bundle === "string" && existsSync(path.join(out, bundle));
      rmSync(out, { recursive: true, force: true });
      const warnings = (document?.warnings ?? []).filter(
        (text) => !text.startsWith("waiting for another devkit"),
      );
      const trouble = [...(agent?.problems ?? []), ...warnings];
      const isFine = error === null && isWhole && trouble.length === 0;
      resolve({
        ms,
        problem: isFine
          ? undefined
          : `${error?.code ?? 0} ${trouble.join("; ")} ${document?.error?.message ?? ""} ${stderr.slice(-300)}`,
      });
    });
  });
}

function inherited(...names) {
  const isSet = ([name, value]) => names.includes(name) && value !== undefined;
  return Object.fromEntries(Object.entries(process.env).filter(isSet));
}

const parse = (line) => {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
};

const traces = () => takeTraces({ dir, repo, env, alone: values.alone });
const leaksOf = (before) => compareTraces(before, traces()).flatMap(({ more }) => more);

function figures(times) {
  const sorted = [...times].sort((a, b) => a - b);
  const at = (part) => `${((sorted[Math.floor((sorted.length - 1) * part)] ?? 0) / 1000).toFixed(2)} s`;
  return `median ${at(0.5)}, 95 % below ${at(0.95)}, longest ${at(1)}`;
}

function engineMemory() {
  const pid = values["engine-pid"];
  if (pid === "") return "unknown";
  const kib = Number(/^VmRSS:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1] ?? 0);
  return `${(kib / 1024).toFixed(0)} MiB`;
}

function makeRepository() {
  for (const place of [repo, env.HOME, env.TMPDIR]) mkdirSync(place, { recursive: true });
  const git = (...args) => execFileSync("git", args, { cwd: repo, env });
  git("config", "--global", "user.name", "Tess Ter");
  git("config", "--global", "user.email", "tess@example.com");
  git("init", "-q", "-b", "main");
  writeFileSync(path.join(repo, "f"), "x\n");
  git("add", ".");
  git("commit", "-qm", "first");
}

/** By label, and only of this repository. */
function remove() {
  const docker = (...args) => execFileSync("docker", args, { env, encoding: "utf8" }).split("\n");
  const format = ["--filter", "label=dev.devkit.role", "--format", '{{.ID}} {{.Label "dev.devkit.root"}}'];
  const own = (...words) =>
    docker(...words, ...format).flatMap((line) => (line.endsWith(` ${repo}`) ? line.split(" ")[0] : []));
  const containers = own("ps", "-a");
  if (containers.length > 0) docker("rm", "-f", "-v", ...containers);
  const networks = own("network", "ls");
  if (networks.length > 0) docker("network", "rm", ...networks);
  rmSync(dir, { recursive: true, force: true });
}

await main();
