import { execa } from "execa";
import { existsSync } from "node:fs";
import { mkdir, readdir, readFile, rm, writeFile } from "node:fs/promises";
import path from "node:path";
import { beforeEach, describe, expect, test } from "vitest";
import { finishAgents } from "../../../../src/app/agents/finish-agents.js";
import { reapLeft } from "../../../../src/app/runs/reap-left.js";
import type { RunDeps } from "../../../../src/app/runs/run-deps.js";
import { bringUpForAWhile } from "../../../../src/app/runs/up-for-a-while.js";
import { DevkitError, toDevkitError } from "../../../../src/base/errors.js";
import { mortal } from "../../support/mortal.js";
import { createRunStand, GIT, type RunStand } from "../../support/run-stand.js";

let box: RunStand;

beforeEach(async () => {
  box = await createRunStand();
});

const traces = () => box.stand.traces();
const notes = async () => (await box.deps.ephemeral.list()).map(({ note }) => note.agent.name);
const ends = (result: Awaited<ReturnType<RunStand["run"]>>) =>
  result.agents.map(({ agent, reason, exitCode }) => `${agent.name} ${reason} ${String(exitCode)}`);
const COMMIT = `echo new >new.txt; ${GIT} add new.txt; ${GIT} commit -q -m 'new file'`;
const siblings = async () => (await readdir(path.dirname(box.out))).sort();

describe("a run", () => {
  test("tells how each command ended and what it printed, and leaves nothing", async () => {
    const result = await box.run('printf "one\\ntwo"; echo three >&2; exit "$(($DEVKIT_AGENT_INDEX - 1))"', {
      count: 2,
    });
    expect(ends(result)).toEqual(["run-aa11-1 passed 0", "run-aa11-2 failed 1"]);
    const lines = box.events.flatMap((one) =>
      one.event === "line" && one.agent === "run-aa11-1" ? [`${one.stream} ${one.text}`] : [],
    );
    expect(lines.sort()).toEqual(["stderr three", "stdout one", "stdout two"]);
    expect(box.events.filter(({ event }) => event !== "line").map(({ event }) => event)).toEqual([
      ...["run_started", "started", "started", "ended", "ended", "removed", "removed"],
    ]);
    expect(result.agents[0]).toMatchObject({ peakMemory: 3 * 1024 ** 2, trash: undefined, problems: [] });
    expect([await traces(), await notes()]).toEqual([[], []]);
  });

  test("gathers log, patch, commits and egress in a directory that is there whole or not at all", async () => {
    const result = await box.run(`${COMMIT}; echo more >>new.txt; echo said`, { out: box.out });
    const [one] = result.agents;
    expect(one).toMatchObject({ changedFiles: 1, commits: [{ subject: "new file" }], trash: undefined });
    const at = (file: string) => path.join(box.out, "agents/run-aa11-1", file);
    expect(await readFile(at("log.txt"), "utf8")).toBe("said\n");
    expect(await readFile(at("changes.patch"), "utf8")).toMatch(/\+new\n\+more\n/);
    await box.stand.repo.git("fetch", "-q", at("commits.bundle"), "refs/heads/*:refs/heads/got/*");
    expect(await box.stand.repo.git("log", "-1", "--format=%s", "got/agent/run-aa11-1/idle")).toBe(
      "new file",
    );
    await box.stand.repo.git("update-ref", "-d", "refs/heads/got/agent/run-aa11-1/idle");
    expect((await readdir(box.out)).sort()).toEqual(["agents", "events.ndjson", "run.json"]);
    expect([await traces(), await siblings()]).toEqual([
      [],
      [path.basename(box.stand.repo.root), "proof"].sort(),
    ]);
  });

  test("keeps in the trash what nobody has gathered: commits without a proof", async () => {
    const [plain] = (await box.run(COMMIT)).agents;
    expect(plain?.trash).toMatch(/^run-aa11-1-/);
    expect((await traces()).filter((one) => !/^trash|^refs\/devkit\/trash/.test(one))).toEqual([]);
  });

  test("gathers what git does not track, whatever it is, and stashes", async () => {
    const hostile =
      "mkfifo pipe; truncate -s 1T huge; ln -s /etc/passwd link; ln -s link loop; mkdir -p d/e; echo x >d/e/-f; echo y >\"$(printf 'a\\nb\\377')\"";
    const stash = `echo one >>README.md; ${GIT} stash -q; echo two >>README.md; ${GIT} stash -q`;
    const [one] = (await box.run(`${stash}; ${hostile}`, { out: box.out })).agents;
    expect(one).toMatchObject({ trash: undefined, problems: [] });
    const at = (file = "") => path.join(box.out, file);
    const { stdout } = await execa("tar", ["-tvf", at(one?.files.untracked)]);
    const names = stdout.split("\n").map((line) => line.replace(/^(.).* \d\d:\d\d (.*)$/, "$1 $2"));
    expect(names.sort()).toEqual(
      ["- a\\nb\\377", "- d/e/-f", "- huge", "l link -> /etc/passwd", "l loop -> link"].sort(),
    );
    const { git } = box.stand.repo;
    await git("fetch", "-q", at(one?.files.stashes), "refs/devkit/stash/*:refs/got/*");
    expect(await git("show", "refs/got/0:README.md")).toMatch(/two$/);
    expect(await git("show", "refs/got/1:README.md")).toMatch(/one$/);
    for (const ref of ["refs/got/0", "refs/got/1"]) await git("update-ref", "-d", ref);
    expect(await traces()).toEqual([]);
  });

  test("says what is too large for a proof, and keeps that in the trash", async () => {
    const script = "head -c 300M /dev/zero >zero; truncate -s 300M README.md";
    const [one] = (await box.run(script, { out: box.out })).agents;
    expect(one?.problems).toEqual([
      "its patch was not written: what it has changed is larger than 256 MiB",
      "its untracked files were not written: untracked.tar would be larger than 256 MiB",
    ]);
    expect(one?.trash).toMatch(/^run-aa11-1-/);
    expect(await readdir(path.join(box.out, "agents/run-aa11-1"))).toEqual(["egress.ndjson", "log.txt"]);
  });

  test("that finds something where its proof is to be makes nothing", async () => {
    await mkdir(box.out);
    await writeFile(path.join(box.out, "mine"), "");
    const code = await box.run("true", { out: box.out }).catch((error: unknown) => toDevkitError(error).code);
    expect([code, await traces(), box.events]).toEqual(["E_WORK_IN_THE_WAY", [], []]);
  });

  test("whose proof cannot be written says where the work is", async () => {
    const beginProof: RunDeps["runHost"]["beginProof"] = async (...asked) => {
      const proof = await box.deps.runHost.beginProof(...asked);
      return { ...proof, write: () => Promise.reject(new DevkitError("E_DISK_FULL", "full")) };
    };
    const broken = { ...box.deps, runHost: { ...box.deps.runHost, beginProof } };
    const error = await box.run(COMMIT, { out: box.out }, broken).catch(toDevkitError);
    expect(error).toMatchObject({
      code: "E_DISK_FULL",
      hint: "the agents are in the trash with their work: devkit agent restore",
    });
    expect(await siblings()).toEqual([path.basename(box.stand.repo.root)]);
    expect((await box.deps.trash.list()).map(({ entry }) => entry.agent.name)).toEqual(["run-aa11-1"]);
  });

  test("whose agents cannot be made leaves nothing, nor a proof", async () => {
    const listContainers = () => Promise.reject(new DevkitError("E_ENGINE_UNAVAILABLE", "no engine"));
    const broken = { ...box.deps, engine: { ...box.deps.engine, listContainers } };
    await expect(box.run("true", { out: box.out }, broken)).rejects.toThrow("no engine");
    expect([await traces(), await notes(), existsSync(box.out)]).toEqual([[], [], false]);
    expect(await siblings()).toEqual([path.basename(box.stand.repo.root)]);
  });
});

describe("tasks of a run", () => {
  const statusOf = (id: string) => {
    const task = box.stand.task(id);
    return `${task?.status ?? ""} ${task?.claim?.agent ?? "-"}`;
  };

  test("are begun, done when their command passes, and pending again when not", async () => {
    await box.stand.add("passes", "fails", "waits");
    const { agents } = await box.run('echo "$DEVKIT_TASK"; [ "$DEVKIT_TASK" = TSK-1 ]', {
      tasks: ["TSK-2", "TSK-1"],
    });
    expect(agents.map(({ task, reason, branch }) => [task?.id, reason, branch])).toEqual([
      ["TSK-2", "failed", "agent/run-aa11-1/tsk-2"],
      ["TSK-1", "passed", "agent/run-aa11-2/tsk-1"],
    ]);
    expect(["TSK-1", "TSK-2", "TSK-3"].map(statusOf)).toEqual(["done -", "pending -", "pending -"]);
    expect(await traces()).toEqual([]);
  });

  test("that somebody has cost one agent, and the others run", async () => {
    await box.stand.add("one", "two");
    await box.deps.pool.store.update("TSK-1", (task) => ({ ...task, status: "done" }));
    const { agents } = await box.run("true", { tasks: ["TSK-1", "TSK-2"] });
    expect(agents.map(({ reason, problems }) => [reason, ...problems])).toEqual([
      ["not_started", "TSK-1 is done already"],
      ["passed"],
    ]);
    expect([await traces(), await notes()]).toEqual([[], []]);
  });
});

test("a command whose time is over is ended, and an interrupt ends all of them in good order", async () => {
  expect(ends(await box.run("sleep 30", { timeoutMs: 200 }))).toEqual(["run-aa11-1 timeout 143"]);
  const interrupt = new AbortController();
  const { now: _now, ...spawn } = box.stand.request;
  const interrupted = await box.run("echo ready; sleep 30", {
    count: 2,
    spawn: { ...spawn, now: new Date(), signal: interrupt.signal },
    onEvent({ event }) {
      if (event === "line") interrupt.abort(new DevkitError("E_INTERRUPTED", "interrupted"));
    },
  });
  expect(ends(interrupted)).toEqual(["run-aa11-1 interrupted 143", "run-aa11-2 interrupted 143"]);
  expect([await traces(), await notes()]).toEqual([[], []]);
});

test("memory that ran out is told from any other failure", async () => {
  const { engine } = box.deps;
  let kills = 0;
  const deps = { ...box.deps, engine: { ...engine, countOomKills: () => Promise.resolve(kills++) } };
  expect(ends(await box.run("exit 137", {}, deps))).toEqual(["run-aa11-1 out_of_memory 137"]);
  expect(ends(await box.run("exit 0", {}, deps))).toEqual(["run-aa11-1 passed 0"]);
});

/** Whoever looks later finds that process dead. */
const later = (): RunDeps => {
  const { journal, ephemeral } = box.deps;
  return {
    ...box.deps,
    journal: { ...journal, left: () => journal.list() },
    ephemeral: {
      ...ephemeral,
      list: async () =>
        (await ephemeral.list()).map((one) => (one.owner === "alive" ? { ...one, owner: "dead" } : one)),
    },
  };
};

test("a run that is killed anywhere is taken away by the next command, and no commit is lost", async () => {
  await box.stand.add("the task");
  const MORE = {
    engine: ["createContainer", "createNetwork", "findUsage"],
    state: ["createHome", "createPrivateGit", "enrol"],
    journal: ["begin", "update", "end"],
    ephemeral: ["note", "forget"],
  };
  let round = 0;
  const killedAfter = async (last: number) => {
    const { deps, changes } = mortal<RunDeps>(box.deps, last, MORE);
    const dead: RunDeps = { ...deps, uninterrupted: deps };
    round += 1;
    const asked = { id: `r${String(round)}`, tasks: ["TSK-1"], out: box.out };
    await box.run(`${COMMIT}; exit 1`, asked, dead, dead).catch(() => undefined);
    return changes();
  };
  const total = await killedAfter(1000);
  const rounds = Number(process.env["DEVKIT_CRASH_ROUNDS"] ?? 4);
  const step = Math.max(1, Math.floor(total / rounds));
  for (let last = 1; last <= total; last += step) {
    await rm(box.out, { recursive: true, force: true });
    await killedAfter(last);
    await finishAgents(later(), new Date());
    const left = (await traces()).filter((one) => !/^trash|^refs\/devkit\/trash/.test(one));
    const claims = [box.stand.claims(), await notes(), box.stand.task("TSK-1")?.status];
    expect([left, ...claims], `after ${String(last)} of ${String(total)}`).toEqual([[], [], [], "pending"]);
    expect((await siblings()).filter((name) => name.startsWith("."))).toEqual([]);
    const id = `r${String(round)}`;
    const hasWorked = box.events.some(({ event, run }) => event === "ended" && run === id);
    const isKept = (await box.deps.trash.ids()).some((name) => name.startsWith(`run-${id}-1-`));
    expect(isKept || existsSync(box.out), `the commit of ${id}`).toBe(hasWorked);
  }
}, 120_000);

test("of a run without work nothing stays in the trash, wherever it was killed", async () => {
  const MORE = { journal: ["begin", "update", "end"], ephemeral: ["note", "forget"] };
  const killedAfter = async (last: number, id: string) => {
    const { deps, changes } = mortal<RunDeps>(box.deps, last, MORE);
    await box.run("true", { id }, { ...deps, uninterrupted: deps }, deps).catch(() => undefined);
    return changes();
  };
  const total = await killedAfter(1000, "whole");
  // The last of them are the removal, and what comes after it.
  for (let last = total - 1; last > total - 6; last -= 1) {
    await killedAfter(last, `r${String(last)}`);
    await reapLeft(later(), new Date(), ["devkit"]);
    const left = [await traces(), await notes(), await box.deps.journal.list(), await box.deps.trash.ids()];
    expect(left, `after ${String(last)} of ${String(total)}`).toEqual([[], [], [], []]);
  }
}, 120_000);

describe("agents for a while", () => {
  const program = ["devkit"] as const;
  const woken: { readonly argv: readonly string[]; readonly at: string }[] = [];
  const deps = () => {
    woken.length = 0;
    const wake = (argv: readonly string[], at: Date) =>
      Promise.resolve(void woken.push({ argv, at: at.toISOString() }));
    return { ...box.deps, ephemeral: { ...box.deps.ephemeral, wake } };
  };
  const up = (count: number, ttlMs: number) =>
    bringUpForAWhile(deps(), { ...box.stand.agents.upRequest, now: new Date(), count }, { ttlMs, program });
  const names = async () => (await box.deps.state.known(box.deps.project)).map(({ name }) => name);
  const inTwoHours = () => new Date(Date.now() + 7_200_000);

  test("are taken away by the first command after their time; those that were there stay", async () => {
    await box.stand.spawn({ assigns: false, hasSession: false });
    await up(2, 3_600_000);
    expect(await notes()).toEqual(["agent-2"]);
    await finishAgents(box.deps, new Date());
    expect(await names()).toEqual(["agent-1", "agent-2"]);
    expect(await reapLeft(deps(), inTwoHours(), program)).toMatchObject([{ agent: { name: "agent-2" } }]);
    expect([await names(), await notes(), woken]).toEqual([["agent-1"], [], []]);
  });

  test("have somebody woken for them, also when it is too early or cannot be done yet", async () => {
    const argv = ["devkit", "run", "--reap"];
    const { expiresAt } = await up(1, 3_600_000);
    expect(woken).toEqual([{ argv, at: expiresAt }]);
    const now = new Date();
    expect(await reapLeft(deps(), now, program)).toEqual([]);
    expect(woken).toEqual([{ argv, at: expiresAt }]);
    const broken = {
      ...deps(),
      trash: { ...box.deps.trash, begin: () => Promise.reject(new DevkitError("E_FILE", "no")) },
    };
    const later = inTwoHours();
    expect(await reapLeft(broken, later, program)).toEqual([]);
    expect([woken, await notes()]).toEqual([
      [{ argv, at: new Date(later.getTime() + 300_000).toISOString() }],
      ["agent-1"],
    ]);
  });

  test("that were taken away before are nobody's word on who comes next under their name", async () => {
    await up(1, 3_600_000);
    await reapLeft(deps(), inTwoHours(), program);
    await box.stand.spawn({ assigns: false, hasSession: false });
    await finishAgents(box.deps, inTwoHours());
    expect(await names()).toEqual(["agent-1"]);
  });
});
