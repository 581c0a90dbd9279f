// Runs the built program in this directory, made a repository, and writes what V8 compiled on the way:
// compile.cjs PROGRAM TARGET
"use strict";
const { execFileSync } = require("node:child_process");
const fs = require("node:fs");
const path = require("node:path");
const vm = require("node:vm");

/** What is typed often. */
const COMMANDS = ["agent list", "agent up 2", "exec 1 true", "agent status", "task list", "config show"];

const [filename, target] = process.argv.slice(2);
const script = new vm.Script(fs.readFileSync(filename, "latin1"), { filename });

async function main() {
  execFileSync("git", ["init", "-q"]);
  for (const command of COMMANDS) await run(command.split(" "));
  fs.writeFileSync(target, script.createCachedData());
}

/** The program ends its process when it is through. */
function run(args) {
  return new Promise((resolve) => {
    process.exit = resolve;
    process.argv = [process.execPath, filename, ...args];
    script.runInThisContext()(require, filename, path.dirname(filename));
  });
}

const { exit } = process;
void main().then(() => exit(0));
