import { startKeeper } from "../../../../src/adapters/process/start-keeper.js";

// Has a file made when it is killed; told to, it ends in good order instead.
const [file = "", how] = process.argv.slice(2);
const keeper = startKeeper(["touch", file], "/");
process.stdout.write("ready\n");
if (how === "end") {
  keeper.release();
  process.exitCode = 0;
} else setInterval(() => undefined, 60_000);
