/**
 * Takes a lock and prints "inside". `hold` stays until it is killed; `die` is killed inside by itself; `count` adds one
 * to a number in a file. All look whether anybody living is inside with them, and end with 9 if so.
 */
import { readFile, writeFile } from "node:fs/promises";
import path from "node:path";
import { createFileLocks } from "../../../../src/adapters/fs/locks.js";

const [directory = "", mode = "", place = ""] = process.argv.slice(2);
const occupant = path.join(place, "occupant");
const counter = path.join(place, "counter");
const nothing = () => "";

async function requireAlone(): Promise<void> {
  const text = await readFile(occupant, "utf8").catch(nothing);
  if (text === "" || text === String(process.pid)) return;
  const stat = await readFile(`/proc/${text}/stat`, "utf8").catch(nothing);
  if (stat !== "" && !/\) [ZX] /.test(stat)) {
    console.log(`not alone: ${text}`);
    process.exit(9);
  }
}

async function work(): Promise<void> {
  await requireAlone();
  await writeFile(occupant, String(process.pid));
  console.log("inside");
  if (mode === "hold") await new Promise(() => setInterval(nothing, 60_000));
  if (mode === "die") process.kill(process.pid, "SIGKILL");
  const count = Number(await readFile(counter, "utf8").catch(nothing));
  await new Promise((resolve) => setImmediate(resolve));
  await writeFile(counter, String(count + 1));
  await requireAlone();
  await writeFile(occupant, "");
}

const locks = createFileLocks({
  directory,
  progress: {
    warn: (text) => {
      console.log(text.startsWith("waiting for another devkit") ? "waiting" : text);
    },
  },
  signal: new AbortController().signal,
  patienceMs: 60_000,
});
for (let round = 0; round < (mode === "count" ? 10 : 1); round += 1) await locks.hold("agents", work);
