import { beforeEach, describe, expect, test } from "vitest";
import { insideChecks, requireTriable } from "../../../../src/app/health/check-inside.js";
import type { Engine } from "../../../../src/app/ports-engine.js";
import { agentAt } from "../../../../src/domain/agents/agent.js";
import { agentPaths } from "../../../../src/domain/identity/project.js";
import { claudeLogin } from "../../support/logins.js";
import { PROJECT } from "../../support/things.js";
import { createHealthStand, type HealthStand, type InsideAnswer } from "../../support/health-stand.js";
import { containerOf } from "./planted.js";

let stand: HealthStand;
const CHECKS = insideChecks(agentAt(1));

beforeEach(async () => {
  stand = await createHealthStand();
  stand.engine.runBeside = probes("done\t0\n");
});

/** What the program that tries to get out says. */
function probes(said: string): Engine["runBeside"] {
  return (_id, _request, { stdout }) => {
    stdout.write(said);
    return Promise.resolve(0);
  };
}

/** What the agent answers wrongly, by a part of the script, and what is to be said of it. */
const FAULTS: readonly (readonly [
  check: string,
  part: string,
  answer: InsideAnswer,
  found: RegExp,
  fix: RegExp,
])[] = [
  ["uid", "id -u", [0, "0\n"], /it runs as uid 0, and you are 1000/, /^devkit agent up 1$/],
  [
    "git status",
    "git status",
    [128, "fatal: bad\u001b[2J object"],
    /fails: fatal: bad·\[2J object/,
    /git status$/,
  ],
  [
    "git commit",
    "git commit-tree",
    [128, "*** Please tell me who you are."],
    /it cannot make commits/,
    /^git config --global user\.name/,
  ],
  [
    "git commit",
    "git commit-tree",
    [1, "error: unable to write"],
    /unable to write/,
    /^devkit exec 1 -- git fsck$/,
  ],
  [
    "git fetch",
    "git fetch",
    [128, "fatal: response 403"],
    /it cannot fetch from origin: fatal: response 403/,
    /^devkit egress log --denied --agent 1$/,
  ],
  [
    "git fetch",
    "git fetch",
    [128, "git@h: Permission denied (publickey)."],
    /publickey/,
    /^devkit ssh-test 1$/,
  ],
  [
    "proxy",
    ".invalid/",
    [128, "fatal: Could not resolve proxy: tinyproxy"],
    /the proxy of agent-1 does not answer/,
    /^devkit restart$/,
  ],
  ["proxy", ".invalid/", [0, ""], /did not refuse/, /^devkit egress test 1$/],
  ["dns", "example.com", [0, "192.0.2.1 example.com"], /can ask for example\.com/, /^devkit egress test 1$/],
  ["home", '"$HOME"', [2, "cannot create: No space left on device"], /No space left/, /df -h/],
  [
    "caches",
    "/devkit/caches",
    [2, "cannot create: Read-only"],
    /cannot write in \/devkit\/caches/,
    /agent up 1$/,
  ],
];

describe("doctor --agent", () => {
  test("finds nothing wrong where nothing is", async () => {
    const all = await stand.doctor(CHECKS);
    expect(all.filter(({ verdict }) => verdict !== "ok")).toEqual([]);
    expect(all.map(({ check }) => check)).toEqual(CHECKS.map(({ name }) => name));
  });

  test.each(FAULTS)("%s: %s", async (check, part, answer, found, fix) => {
    stand.settings = { ...stand.settings, caches: { use: ["npm"], trust: "shared" } };
    expect(await stand.troubles(check, CHECKS)).toEqual([]);
    stand.inside.set(part, answer);
    const [first] = await stand.troubles(check, CHECKS);
    expect(first?.found).toMatch(found);
    expect(first?.fix).toMatch(fix);
    stand.inside.clear();
    expect(await stand.troubles(check, CHECKS)).toEqual([]);
  });

  test("login: one that is over", async () => {
    const login = claudeLogin({ access: "", refresh: "", expires: 0 });
    const file = { path: ".claude/.credentials.json", content: login, mode: 0o600 };
    stand.world.homes.write({ home: agentPaths(PROJECT, agentAt(1)).home }, [file]);
    expect(await stand.troubles("login", CHECKS)).toMatchObject([
      { found: "its Claude login is over", fix: "devkit claude-auth reseed 1 --force" },
    ]);
    expect(await stand.troubles("login", insideChecks(agentAt(2)))).toEqual([]);
  });

  test("names each way out that egress test finds", async () => {
    stand.engine.runBeside = probes("0.0\topen\t1.1.1.1:443\t\ndone\t1\n");
    expect(await stand.troubles("egress", CHECKS)).toMatchObject([
      {
        verdict: "failed",
        found: "connections to public addresses: answered: 1.1.1.1:443",
        fix: "devkit egress test 1",
      },
    ]);
  });

  test("an agent that does not run is told once, and brought up with --fix", async () => {
    containerOf(stand.world, "agent", "agent-1").state = "exited";
    const all = await stand.doctor(CHECKS);
    expect(all).toEqual([
      expect.objectContaining({ check: "running", verdict: "failed", fix: "devkit agent up 1" }),
    ]);
    const { actions } = await stand.repair({ apply: true, checks: CHECKS });
    expect(actions).toMatchObject([{ action: "bring agent-1 up", done: true }]);
    expect((await stand.doctor(CHECKS)).filter(({ verdict }) => verdict !== "ok")).toEqual([]);
  });

  test("knows agents by index and name, and says of others that there are none", async () => {
    expect(await requireTriable(stand.look(), "2")).toEqual(agentAt(2));
    expect(await requireTriable(stand.look(), "agent-1")).toEqual(agentAt(1));
    await expect(requireTriable(stand.look(), "7")).rejects.toMatchObject({ code: "E_AGENT_UNKNOWN" });
  });

  test("refuses an agent without a container, which has no inside", async () => {
    const onHost = () => Promise.resolve({ home: false, git: false, runtime: "host" as const });
    stand.deps = { state: { ...stand.world.state, inspect: onHost } };
    await expect(requireTriable(stand.look(), "1")).rejects.toMatchObject({ code: "E_ON_HOST" });
  });
});
