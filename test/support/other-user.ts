import { randomBytes } from "node:crypto";
import { mkdir, stat } from "node:fs/promises";
import path from "node:path";
import { execa } from "execa";
import { PROGRAM, type Finished, type Sandbox } from "./sandbox.js";

/** Somebody who is not root and owns the sandbox; may use the engine, as a member of its group may. */
export interface OtherUser {
  readonly uid: number;
  readonly gid: number;
  run(program: string, ...args: string[]): Promise<Finished>;
  devkit(...args: string[]): Promise<Finished>;
  /** The account goes; files are the sandbox's business. */
  remove(): Promise<void>;
}

/** Makes an account for the test when it runs as root; else the tester is that user. */
export async function giveToOtherUser(box: Sandbox): Promise<OtherUser> {
  const account = process.getuid?.() === 0 ? await addAccount() : undefined;
  const { uid, gid } = account ?? { uid: process.getuid?.() ?? 0, gid: process.getgid?.() ?? 0 };
  const cache = path.join(box.dir, "cache");
  await mkdir(cache);
  const env: Record<string, string> = { ...box.env, XDG_CACHE_HOME: cache };
  const engineGid = String(
    (await stat(env["DOCKER_HOST"]?.replace(/^unix:\/\//, "") ?? "/var/run/docker.sock")).gid,
  );
  const ids = ["--reuid", String(uid), "--regid", String(gid), "--groups", engineGid];
  const become = account === undefined ? [] : ["setpriv", ...ids, "--"];
  const run = async (...words: string[]): Promise<Finished> => {
    const [program = "", ...args] = [...become, ...words];
    const options = { cwd: box.repo, env, extendEnv: false, reject: false, stdin: "ignore" } as const;
    const { exitCode, stdout, stderr } = await execa(program, args, options);
    return { exitCode: exitCode ?? -1, stdout, stderr };
  };
  if (account !== undefined) await execa("chown", ["-R", `${String(uid)}:${String(gid)}`, box.dir]);
  return {
    uid,
    gid,
    run,
    devkit: (...args) => run(process.execPath, PROGRAM, ...args),
    async remove() {
      if (account !== undefined) await execa("userdel", [account.name]);
    },
  };
}

async function addAccount(): Promise<{ name: string; uid: number; gid: number }> {
  const name = `devkit-${randomBytes(4).toString("hex")}`;
  await execa("useradd", ["--no-create-home", "--user-group", "--shell", "/bin/bash", name]);
  const id = async (flag: string) => Number((await execa("id", [flag, name])).stdout);
  return { name, uid: await id("-u"), gid: await id("-g") };
}
