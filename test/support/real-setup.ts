import { access } from "node:fs/promises";
import path from "node:path";
import { execa } from "execa";
import { createSandbox } from "./sandbox.js";

/** Before any test against the real engine: there is one, the program is built, and the image is there. */
export async function setup(): Promise<void> {
  await access(path.resolve(import.meta.dirname, "../../dist/main.js")).catch(() => {
    throw new Error("dist/main.js is missing: run `npm run build` first");
  });
  const engine = await execa("docker", ["version", "--format", "{{.Server.Version}}"], { reject: false });
  if (engine.exitCode !== 0) {
    throw new Error(`no container engine answers, so these tests cannot run: ${engine.stderr}`);
  }
  const sandbox = await createSandbox();
  try {
    const built = await sandbox.devkit("image", "build");
    if (built.exitCode !== 0) throw new Error(`the agents' image cannot be built:\n${built.stderr}`);
  } finally {
    await sandbox.remove();
  }
}
