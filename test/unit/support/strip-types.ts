import { readFile } from "node:fs/promises";
import { transform } from "esbuild";

/** A source file as JavaScript, so that a child process can run it: Node 20 reads no TypeScript. */
export async function stripTypes(file: string): Promise<string> {
  const { code } = await transform(await readFile(file, "utf8"), { loader: "ts", format: "esm" });
  return code;
}
