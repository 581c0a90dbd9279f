// Start-up of the built program against bare node, in turn, in one run. Usage: node bench/startup.mjs [rounds]
import { spawnSync } from "node:child_process";
import path from "node:path";

const [rounds = 25] = process.argv.slice(2).map(Number);
const program = path.join(path.dirname(import.meta.dirname), "dist/main.js");
const ways = { "node -e 0": ["-e", "0"], "--version": [program, "--version"], "--help": [program, "--help"] };
const times = Object.fromEntries(Object.keys(ways).map((way) => [way, []]));
for (let round = 0; round < rounds; round += 1) {
  for (const [way, args] of Object.entries(ways)) {
    const began = performance.now();
    const { status } = spawnSync(process.execPath, args, { stdio: "ignore" });
    if (status !== 0) throw new Error(`${way} ended with ${status}`);
    times[way].push(performance.now() - began);
  }
}
const bare = median(times["node -e 0"]);
for (const [way, all] of Object.entries(times)) {
  console.log(
    `${way.padEnd(10)} ${median(all).toFixed(0)} ms, ${(median(all) / bare).toFixed(2)} × bare node`,
  );
}

function median(values) {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)];
}
