// Runs npm scripts in lanes: the lanes side by side, the scripts of a lane one after another. Most of them use one processor.
// Usage: node scripts/side-by-side.mjs SCRIPT[,SCRIPT...]...
//
// What a script wrote is printed when it ends, so that nothing is mixed. The rest of a lane with a failure is left out;
// the other lanes go on, so that one run tells everything. Exits 1 if a script failed.
import { Buffer } from "node:buffer";
import { spawn } from "node:child_process";
import path from "node:path";

const root = path.dirname(import.meta.dirname);
const lanes = process.argv.slice(2).map((lane) => lane.split(","));
const running = new Set();

for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) {
  process.on(signal, () => {
    for (const { pid } of running) process.kill(-pid, signal);
    process.exitCode = 1;
  });
}

if (lanes.length === 0) throw new Error("no script to run");
const failed = (await Promise.all(lanes.map(runLane))).flat();
if (failed.length > 0) {
  console.error(`failed: ${failed.join(", ")}`);
  process.exitCode = 1;
}

/** The script of a lane that failed, if one did. */
async function runLane(scripts) {
  for (const script of scripts) {
    const began = performance.now();
    const { isFine, output } = await run(script);
    const seconds = ((performance.now() - began) / 1000).toFixed(1);
    process.stdout.write(`\n==> npm run ${script}: ${isFine ? "fine" : "FAILED"}, ${seconds} s\n${output}`);
    if (!isFine) return [script];
  }
  return [];
}

function run(script) {
  return new Promise((resolve) => {
    // In a process group of its own: npm does not pass every signal on.
    const child = spawn("npm", ["run", script], {
      cwd: root,
      detached: true,
      stdio: ["ignore", "pipe", "pipe"],
    });
    running.add(child);
    const parts = [];
    child.stdout.on("data", (part) => parts.push(part));
    child.stderr.on("data", (part) => parts.push(part));
    const end = (isFine) => {
      running.delete(child);
      resolve({ isFine, output: Buffer.concat(parts).toString() });
    };
    child.on("error", (error) => {
      parts.push(Buffer.from(`${error.message}\n`));
      end(false);
    });
    child.on("close", (code) => end(code === 0));
  });
}
