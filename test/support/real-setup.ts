import { access, cp, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { execa } from "execa";
import { createSandbox, PROGRAM } from "./sandbox.js";

/** Says to the projects' other setups, which are in the same process, that this is done. */
const READY = "DEVKIT_TEST_READY";

/** Before any test against the real engine: there is one, the program is built, and the images are there. */
export async function setup(): Promise<() => Promise<void>> {
  if (process.env[READY] !== undefined) return () => Promise.resolve();
  process.env[READY] = "yes";
  await access(PROGRAM).catch(() => {
    throw new Error(`${PROGRAM} is missing: run \`npm run build\` first`);
  });
  const engine = await execa("docker", ["version", "--format", "{{.Server.Version}}"], { reject: false });
  if (engine.exitCode !== 0) {
    throw new Error(`no container engine answers, so these tests cannot run: ${engine.stderr}`);
  }
  const sandbox = await createSandbox();
  try {
    // With the first agent all images are built, that of the endpoint too: no test has to wait for one.
    const up = await sandbox.devkit("agent", "up", "1");
    if (up.exitCode !== 0) throw new Error(`no agent can be brought up:\n${up.stderr}`);
  } finally {
    await sandbox.remove();
  }
  return shareProgram();
}

/** Some tests run devkit as another user, who cannot read a clone below /root: then all of them run a copy. */
async function shareProgram(): Promise<() => Promise<void>> {
  const nobody = { uid: 65534, gid: 65534, reject: false };
  if (process.getuid?.() !== 0 || (await execa("cat", [PROGRAM], nobody)).exitCode === 0) {
    return () => Promise.resolve();
  }
  const root = path.dirname(path.dirname(PROGRAM));
  const copy = await mkdtemp(path.join(tmpdir(), "devkit-program-"));
  for (const part of ["dist", "docker", "overlays", "package.json"]) {
    await cp(path.join(root, part), path.join(copy, part), { recursive: true });
  }
  await execa("chmod", ["-R", "a+rX", copy]);
  process.env["DEVKIT_TEST_PROGRAM"] = path.join(copy, "dist/main.js");
  return () => rm(copy, { recursive: true, force: true });
}
