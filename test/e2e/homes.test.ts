import { execa } from "execa";
import { existsSync, readdirSync } from "node:fs";
import path from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { agentsOf, createSandbox, PROGRAM, type Sandbox } from "../support/sandbox.js";

/** Each takes three seconds; a longer run asks for more. */
const ROUNDS = Number(process.env["DEVKIT_HOME_ROUNDS"] ?? 2);

let box: Sandbox;
let home: string;

beforeAll(async () => {
  box = await createSandbox();
  await box.setIdentity();
  expect(await box.devkit("agent", "up", "1")).toMatchObject({ exitCode: 0 });
  ({ home } = agentsOf(await box.json("agent", "status", "1"))[0] as unknown as { home: string });
});

afterAll(() => box.remove());

const inside = (script: string) => box.devkit("exec", "1", "--", "bash", "-c", script);
const RESET = ["agent", "home", "reset", "1", "--keep-auth"];

test("a fresh home: the agent runs on, with its logins and its work, and the old home can be had again", async () => {
  const commit = "echo work >work.txt && git add . && git commit -qm work && echo draft >draft.txt";
  await inside(
    `${commit}; echo old >~/old.txt; umask 022; echo token >~/.codex/auth.json; chmod 755 ~ ~/.codex`,
  );
  const shown = await box.json("agent", "home", "show", "1");
  expect(shown.data).toMatchObject({
    home,
    logins: { codex: { present: true, mode: "644" }, claude: { present: false } },
    loose: [{ path: "." }, { path: ".codex" }, { path: ".codex/auth.json", mode: "644", widest: "600" }],
  });
  const doctor = await box.devkit("doctor");
  expect(doctor.stdout).toMatch(/homes.*open to other users: agent-1: its home \(755, not 700\)/);
  const up = await box.devkit("agent", "up", "1");
  expect(up.stderr).toMatch(/agent-1: closed to others.*auth\.json \(644, not 600\)/);
  expect((await box.devkit("agent", "up", "1")).stderr).not.toContain("closed to others");

  const busy = execa(process.execPath, [PROGRAM, "exec", "1", "--", "sleep", "60"], {
    cwd: box.repo,
    env: box.env,
    extendEnv: false,
    reject: false,
  });
  await box.until(async () => (await inside("pgrep -x sleep")).exitCode === 0);
  expect(await box.devkit(...RESET)).toMatchObject({
    exitCode: 5,
    stderr: expect.stringMatching(/1 command runs in it/) as string,
  });
  busy.kill("SIGTERM");
  await busy;

  const reset = await box.json(...RESET);
  expect(reset.data).toMatchObject({ kept: [".gitconfig", ".codex/auth.json"], left: [], started: true });
  const looks =
    "ls ~/old.txt 2>/dev/null; cat ~/.codex/auth.json /workspace/draft.txt; git log -1 --format=%s";
  expect(await inside(`${looks}; git config user.name`)).toEqual({
    exitCode: 0,
    stdout: "token\ndraft\nwork\nTess Ter",
    stderr: "",
  });
  // Sealed as ever: what starts an agent loads its network's filter.
  expect((await box.json("agent", "up", "1", "--dry-run")).data).toMatchObject({ operations: [] });

  await box.devkit("agent", "down", "1");
  const { old } = reset.data as { old: { id: string } };
  expect((await box.json("agent", "restore")).data).toMatchObject({ homes: [{ id: old.id }] });
  expect((await box.json("agent", "restore", old.id)).data).toMatchObject({ restoredHome: { id: old.id } });
  await box.devkit("agent", "up", "1");
  expect((await inside("cat ~/old.txt")).stdout).toBe("old");
});

test(`kill -9 at ${String(ROUNDS)} moments of a reset: the next command converges, no home is half-made and none lost`, async () => {
  const trash = path.join(path.dirname(path.dirname(path.dirname(home))), "trash");
  const homes = () => (existsSync(trash) ? readdirSync(trash).length : 0);
  for (let round = 0; round < ROUNDS; round += 1) {
    await inside("echo here >~/here.txt; echo token >~/.codex/auth.json; touch ~/.ssh/key");
    const before = homes();
    const running = execa(process.execPath, [PROGRAM, ...RESET], {
      cwd: box.repo,
      env: box.env,
      extendEnv: false,
      reject: false,
    });
    // Not by the clock, which a loaded machine makes a different moment: first while the agent is still up, then once it is down.
    const isReached = () => (round % 2 === 0 ? isMaking() : homes() > before);
    const isOver = running.then(() => true);
    await box.until(async () => isReached() || (await Promise.race([isOver, Promise.resolve(false)])));
    running.kill("SIGKILL");
    // Killed, or done before anybody looked.
    const { exitCode, stderr } = await running;
    expect([undefined, 0], stderr).toContain(exitCode);
    expect(await box.devkit("agent", "up", "1"), `round ${String(round)}`).toMatchObject({ exitCode: 0 });
    const isFresh = homes() > before;
    const { stdout } = await inside("cat ~/.codex/auth.json; ls ~/.ssh/key ~/.gitconfig; ls ~/here.txt");
    expect(stdout).toBe(
      [
        "token",
        "/home/agent/.ssh/key",
        "/home/agent/.gitconfig",
        ...(isFresh ? [] : ["/home/agent/here.txt"]),
      ]
        .join("\n")
        .replace(
          "/home/agent/.ssh/key\n/home/agent/.gitconfig",
          "/home/agent/.gitconfig\n/home/agent/.ssh/key",
        ),
    );
    expect(readdirSync(path.dirname(home)).filter((name) => /^\.|swap/.test(name))).toEqual([]);
    expect((await inside("cat /workspace/draft.txt")).stdout).toBe("draft");
  }
});

const isMaking = () => readdirSync(path.dirname(home)).some((name) => name.startsWith(".home-"));
