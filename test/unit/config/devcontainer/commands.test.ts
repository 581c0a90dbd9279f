import { execa } from "execa";
import { describe, expect, test } from "vitest";
import { createProject } from "../temp-project.js";

/** Runs what a postCreateCommand becomes, as hooks are run. */
async function run(command: unknown, env: Record<string, string> = {}) {
  const project = await createProject();
  await project.write(".devcontainer.json", JSON.stringify({ postCreateCommand: command }));
  const [line = ""] = (await project.load(["devcontainer"])).settings.hooks.on_create;
  return execa("/bin/sh", ["-c", line], { cwd: project.root, env, reject: false });
}

describe("commands of a devcontainer.json", () => {
  test("as text are the shell's", async () => {
    expect((await run("echo $A | tr a-z A-Z && exit 3", { A: "hej" })).stdout).toBe("HEJ");
    expect((await run("exit 3")).exitCode).toBe(3);
  });

  test("as a list are one program and its arguments, byte for byte", async () => {
    const words = ["a b", "$A", "it's", '"', "*", "#", "\\", "`id`", "ü"];
    expect((await run(["printf", "%s|", ...words])).stdout).toBe(`${words.join("|")}|`);
  });

  test("find the container's variables in both", async () => {
    const env = { GREETING: "good $day" };
    expect((await run('echo "${containerEnv:GREETING}"', env)).stdout).toBe("good $day");
    expect((await run(["echo", "<${containerEnv:GREETING}>", "${containerEnv:NOPE:none}"], env)).stdout).toBe(
      "<good $day> none",
    );
  });

  test("as an object run side by side", async () => {
    // Each waits for the other's file: one after another they would never end.
    const meet = (mine: string, other: string) =>
      `touch ${mine}; n=0; until [ -e ${other} ]; do n=$((n+1)); [ $n -lt 1000000 ] || exit 9; done`;
    const { exitCode } = await run({ a: meet("a", "b"), b: ["sh", "-c", meet("b", "a")] });
    expect(exitCode).toBe(0);
  });

  test("of an object end with the code of one that failed, after all have ended, and it is named", async () => {
    const slow = "until [ -e failed ]; do :; done; echo done # comment";
    const failed = await run({ "my server": "touch failed; exit 7", slow, ok: "true" });
    expect(failed).toMatchObject({ exitCode: 7, stdout: "done" });
    expect(failed.stderr).toBe("my server failed");
  });
});
