#!/usr/bin/env node
import { readFileSync } from "node:fs";
import path from "node:path";
import vm from "node:vm";

/** Names what of the program V8 had compiled when it was built; set by scripts/build.mjs. */
declare const CODE_NAME: string;

const filename = path.join(import.meta.dirname, "program.js");
// The bundle is ASCII, and read as such faster.
const source = readFileSync(filename, "latin1");
const program = new vm.Script(source, { filename, cachedData: compiled() });
(program.runInThisContext() as (require: NodeJS.Require, filename: string, dirname: string) => void)(
  require,
  filename,
  import.meta.dirname,
);

/** V8 takes it only from its own version, and compiles by itself without. */
function compiled(): Buffer | undefined {
  try {
    const name = `${CODE_NAME}-${process.version}-${process.arch}`;
    return readFileSync(path.join(import.meta.dirname, name));
  } catch {
    return undefined;
  }
}
