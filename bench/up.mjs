// `devkit agent up N` against a hand-written script that does the same work, in turn, in one run.
// Usage: node bench/up.mjs [N] [rounds] [files]; needs `npm run build`, an engine and the image.
import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";

const [count = 8, rounds = 5, files = 1000] = process.argv.slice(2).map(Number);
const root = path.dirname(import.meta.dirname);
const program = path.join(root, "dist/main.js");
const dir = realpathSync(mkdtempSync(path.join(tmpdir(), "devkit-bench-")));
const env = { ...process.env, XDG_STATE_HOME: path.join(dir, "state") };

/** Runs each way in a fresh repository, one after the other, so that both meet the same machine. */
function main() {
  const image = JSON.parse(
    run(process.execPath, [program, "--json", "image", "build"], makeRepository("image")),
  ).data.reference;
  const ways = {
    script: (repo, round) =>
      run(
        path.join(root, "bench/up.sh"),
        [repo, path.join(dir, `script-${round}`), image, String(count)],
        repo,
      ),
    devkit: (repo) => run(process.execPath, [program, "agent", "up", String(count)], repo),
  };
  const times = { script: [], devkit: [] };
  for (let round = 0; round < rounds; round += 1) {
    const order = round % 2 === 0 ? ["script", "devkit"] : ["devkit", "script"];
    for (const way of order) {
      const repo = makeRepository(`${way}-${round}`);
      const began = performance.now();
      ways[way](repo, round);
      times[way].push(performance.now() - began);
      removeContainers();
    }
  }
  const [script, devkit] = [median(times.script), median(times.devkit)];
  console.log(`${count} agents, ${files} files, ${rounds} rounds, medians`);
  console.log(`script ${script.toFixed(0)} ms  ${times.script.map((ms) => ms.toFixed(0)).join(" ")}`);
  console.log(`devkit ${devkit.toFixed(0)} ms  ${times.devkit.map((ms) => ms.toFixed(0)).join(" ")}`);
  console.log(`ratio  ${(devkit / script).toFixed(2)}`);
}

function makeRepository(name) {
  const repo = path.join(dir, name);
  for (let i = 0; i < files; i += 1) {
    const file = path.join(repo, `d${i % 20}`, `f${i}.txt`);
    mkdirSync(path.dirname(file), { recursive: true });
    writeFileSync(file, `${i}\n`.repeat(20));
  }
  for (const args of [
    ["init", "-q"],
    ["add", "."],
    ["-c", "user.name=b", "-c", "user.email=b@example.com", "commit", "-qm", "x"],
  ]) {
    run("git", args, repo);
  }
  return repo;
}

function removeContainers() {
  const ids = ["label=devkit-bench", `label=dev.devkit.root`].flatMap((label) =>
    run(
      "docker",
      ["ps", "-a", "--no-trunc", "--filter", label, "--format", '{{.ID}} {{.Label "dev.devkit.root"}}'],
      dir,
    )
      .split("\n")
      .filter((line) => line !== "" && (label === "label=devkit-bench" || line.includes(dir)))
      .map((line) => line.split(" ")[0]),
  );
  if (ids.length > 0) run("docker", ["rm", "-f", ...ids], dir);
  const format = "{{.ID}} {{.Labels}}";
  const networks = run("docker", ["network", "ls", "--format", format], dir)
    .split("\n")
    .filter((line) => line.includes("devkit-bench") || line.includes(`dev.devkit.root=${dir}`))
    .map((line) => line.split(" ")[0]);
  if (networks.length > 0) run("docker", ["network", "rm", ...networks], dir);
}

function run(command, args, cwd) {
  return execFileSync(command, args, { cwd, env, encoding: "utf8", stdio: ["ignore", "pipe", "pipe"] });
}

function median(values) {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)];
}

try {
  main();
} finally {
  removeContainers();
  rmSync(dir, { recursive: true, force: true });
}
