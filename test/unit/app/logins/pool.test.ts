import { execFileSync } from "node:child_process";
import { mkdir, readFile, rename, rm, stat, symlink, writeFile } from "node:fs/promises";
import path from "node:path";
import { beforeEach, describe, expect, test } from "vitest";
import { clearLogins } from "../../../../src/app/logins/clear-logins.js";
import { noteRenewals } from "../../../../src/app/logins/note-renewals.js";
import { provideLogins } from "../../../../src/app/logins/provide-logins.js";
import { releaseLogins } from "../../../../src/app/logins/release-logins.js";
import { reseedLogins } from "../../../../src/app/logins/reseed-logins.js";
import { retakeLogins } from "../../../../src/app/logins/retake-logins.js";
import { showLogins } from "../../../../src/app/logins/show-logins.js";
import { agentAt } from "../../../../src/domain/agents/agent.js";
import { agentPaths } from "../../../../src/domain/identity/project.js";
import { LOGIN_KINDS } from "../../../../src/domain/logins/login-kinds.js";
import { bundleProgram, startProgram } from "../../support/child.js";
import { codexLogin } from "../../support/logins.js";
import {
  homeOf,
  loginStand,
  makeHome,
  makePool,
  observedHome,
  withPool,
  type LoginStand,
} from "../../support/login-stand.js";
import { tempDir } from "../../support/temp.js";

const { codex } = LOGIN_KINDS;
let user: string;
let deps: LoginStand;

/** Logins of families of their own. */
const own = (...names: string[]) =>
  Object.fromEntries(names.map((name) => [name, codexLogin({ session: name, refresh: `rt_${name}` })]));

beforeEach(async () => {
  user = await tempDir();
  deps = loginStand(user);
});

async function up(pool: string, count: number, stand = deps): Promise<void> {
  for (let index = 1; index <= count; index += 1) await makeHome(stand, index);
  const wanted = Array.from({ length: count }, (_, at) => observedHome(at + 1));
  await provideLogins(stand, { wanted, settingsOf: withPool(pool) });
}
const slots = async (stand = deps) =>
  (await showLogins(stand, codex, [], new Date())).map(({ slot, login }) => [
    slot?.slot,
    login !== undefined,
  ]);
const reseed = async (pool: string, index: number, force = false) => {
  const request = { selectors: [String(index)], settingsOf: withPool(pool), force, share: false };
  const { outcomes, seeded } = await reseedLogins(deps, codex, request);
  return outcomes[0]?.error?.code ?? seeded[0]?.slot?.slot;
};
const renew = (index: number, session: string) =>
  writeFile(
    path.join(homeOf(deps, index), ".codex/auth.json"),
    codexLogin({ session, refresh: "rt_renewed", refreshed: "2026-05-05T00:00:00Z" }),
  );

test("what cannot be opened is said in words", async () => {
  const listed = deps.logins.listPool(path.join(user, "nowhere"), codex);
  await expect(listed).rejects.toThrow(/nowhere cannot be opened: there is no such file or directory$/);
  await expect(deps.logins.readImport(user)).rejects.toThrow(/cannot be read: it is a directory$/);
});

test("the hint for a pool without a free slot makes one that is not there yet", async () => {
  const pool = await makePool(user, { "2": "{}" });
  await makeHome(deps, 1);
  const request = { selectors: ["1"], settingsOf: withPool(pool), force: false, share: false };
  const { outcomes } = await reseedLogins(deps, codex, request);
  expect(outcomes[0]?.error?.hint).toContain(`mkdir -p ${pool}/3 && CODEX_HOME=${pool}/3 codex login`);
});

describe("agent up", () => {
  test("leases a slot each, in natural order; who comes last has none", async () => {
    const pool = await makePool(user, own("10", "9"));
    await up(pool, 3);
    expect(await slots()).toEqual([
      ["9", true],
      ["10", true],
      [undefined, false],
    ]);
    expect(deps.progress.done).toEqual([
      "agent-1: has the Codex login of slot 9",
      "agent-2: has the Codex login of slot 10",
    ]);
    expect(deps.progress.warnings).toEqual([
      `agent-3 comes up without a Codex login: none of ${pool} is free`,
    ]);
    expect((await stat(path.join(homeOf(deps, 1), ".codex/auth.json"))).mode & 0o777).toBe(0o600);
  });

  test("leaves those alone that have a login, and changes nothing the second time", async () => {
    const pool = await makePool(user, own("1", "2"));
    await makeHome(deps, 1);
    await writeFile(path.join(homeOf(deps, 1), ".codex/auth.json"), '{"OPENAI_API_KEY":"sk-1"}');
    await up(pool, 2);
    await up(pool, 2);
    expect(await slots()).toEqual([
      [undefined, true],
      ["1", true],
    ]);
    expect(deps.progress.done).toHaveLength(1);
  });

  test("a home that is only made later gets it then", async () => {
    const pool = await makePool(user, own("1"));
    const wanted = [observedHome(1, false)];
    const write = await provideLogins(deps, { wanted, settingsOf: withPool(pool) });
    await makeHome(deps, 1);
    expect(await slots()).toEqual([["1", false]]);
    write(agentAt(1));
    expect(await slots()).toEqual([["1", true]]);
  });

  test("names slots that cannot be used, each once, and goes on with the others", async () => {
    const texts = { ...own("a", "b"), c: "{}", f: codexLogin({ session: "b", refresh: "rt_b2" }) };
    const pool = await makePool(user, texts);
    await mkdir(path.join(pool, "d"));
    await symlink(path.join(pool, "a/auth.json"), path.join(pool, "d/auth.json"));
    await symlink(path.join(pool, "a"), path.join(pool, "e"));
    await mkdir(path.join(pool, "g"));
    execFileSync("mkfifo", [path.join(pool, "g/auth.json")]);
    await writeFile(path.join(pool, "README"), "not a slot");
    await up(pool, 4);
    expect((await slots()).map(([slot]) => slot)).toEqual(["a", "b", undefined, undefined]);
    const plain = "there is no plain file auth.json of a login's size in it";
    expect(deps.progress.warnings.filter((text) => text.includes("slot"))).toEqual([
      "Codex pool, slot c: its auth.json has neither an API key nor the tokens of a ChatGPT login",
      `Codex pool, slot d: ${plain}`,
      `Codex pool, slot e: ${plain}`,
      "Codex pool, slot f: its login is that of agent-2",
      `Codex pool, slot g: ${plain}`,
    ]);
  });

  test("a pool or a registry that cannot be used is a warning", async () => {
    await up(path.join(user, "nowhere"), 1);
    expect(deps.progress.warnings).toEqual([expect.stringContaining("agents come up without a Codex login")]);
    await writeFile(path.join(user, "state/devkit/logins.json"), "{");
    await up(await makePool(user, own("1")), 1);
    expect(deps.progress.warnings[1]).toContain("logins.json cannot be read");
  });

  test("a pool in the repository does not lead out of it, nor to where agents write", async () => {
    const pool = await makePool(user, own("1"));
    const { root, devkitDir } = deps.project;
    await mkdir(path.join(devkitDir, "agents/agent-1"), { recursive: true });
    await symlink(pool, path.join(root, "logins"));
    await up(path.join(root, "logins"), 1);
    await up(path.join(devkitDir, "agents/agent-1"), 1);
    expect(deps.progress.warnings).toHaveLength(2);
    for (const text of deps.progress.warnings)
      expect(text).toContain("leads out of it or to where agents write");
    expect(await slots()).toEqual([[undefined, false]]);
  });
});

describe("leases", () => {
  test("hold across projects, and end with clear", async () => {
    const pool = await makePool(user, own("1", "2"));
    await up(pool, 1);
    const other = loginStand(user, "other");
    await up(pool, 2, other);
    expect(await slots(other)).toEqual([
      ["2", true],
      [undefined, false],
    ]);
    expect(await clearLogins(deps, codex, ["1"])).toMatchObject([{ removed: true, slot: { slot: "1" } }]);
    expect(await slots()).toEqual([[undefined, false]]);
    await up(pool, 2, other);
    expect((await slots(other))[1]).toEqual(["1", true]);
  });

  test("end when the agent's state is gone", async () => {
    const pool = await makePool(user, own("1"));
    await up(pool, 1);
    await rm(agentPaths(deps.project, agentAt(1)).state, { recursive: true });
    const other = loginStand(user, "other");
    await up(pool, 1, other);
    expect(await slots(other)).toEqual([["1", true]]);
  });

  test("a home that goes takes a renewed login with it, and what the slot still has is given to nobody", async () => {
    const pool = await makePool(user, own("1", "2"));
    await up(pool, 1);
    await noteRenewals(deps, agentAt(1));
    expect((await deps.logins.load()).spent).toEqual([]);
    await renew(1, "1");
    await noteRenewals(deps, agentAt(1));
    expect(await slots()).toEqual([["1", true]]);
    await rm(path.join(homeOf(deps, 1), ".codex/auth.json"));
    await up(pool, 1);
    expect(await slots()).toEqual([["2", true]]);
    expect(deps.progress.warnings).toEqual([
      expect.stringContaining("Codex pool, slot 1: an agent that had it renewed"),
    ]);
  });

  test("a slot whose login was renewed by an agent that is gone is of no use until somebody logs in there", async () => {
    const pool = await makePool(user, own("1"));
    await up(pool, 1);
    await renew(1, "1");
    expect(await reseed(pool, 1)).toBe("E_LOGIN_KEPT");
    await clearLogins(deps, codex, ["1"]);
    expect(await reseed(pool, 1)).toBe("E_LOGIN_POOL");
    expect(deps.progress.warnings.at(-1)).toContain("log in anew");
    await makePool(user, { "1": codexLogin({ session: "new", refresh: "rt_new" }) });
    expect(await reseed(pool, 1)).toBe("1");
  });

  test("a removed agent gives its slot back, and takes it again when it is restored and nobody has it", async () => {
    const pool = await makePool(user, own("1"));
    await up(pool, 1);
    const { state } = agentPaths(deps.project, agentAt(1));
    const kill = async () => {
      await releaseLogins(deps, agentAt(1));
      await rename(state, `${state}.trash`);
    };
    const restore = async () => {
      await rename(`${state}.trash`, state);
      await retakeLogins(deps, agentAt(1));
    };
    await kill();
    expect((await deps.logins.load()).holdings).toEqual([]);
    await restore();
    expect(await slots()).toEqual([["1", true]]);
    await kill();
    const other = loginStand(user, "other");
    await up(pool, 1, other);
    await restore();
    expect(deps.progress.warnings.at(-1)).toMatch(/^agent-1: the slot of its Codex login is agent-1's now/);
    const [shown] = await showLogins(deps, codex, [], new Date());
    expect(shown).toMatchObject({ slot: undefined, sharedWith: [`agent-1 of ${other.project.root}`] });
    expect(await slots(other)).toEqual([["1", true]]);
  });

  test("each slot is given once to processes that want them at the same moment, also when some are killed", async () => {
    const names = Array.from({ length: 12 }, (_, index) => String(index + 1));
    const pool = await makePool(user, own(...names));
    const program = await bundleProgram(path.join(import.meta.dirname, "lease-program.ts"));
    const children = Array.from({ length: 6 }, (_, index) =>
      startProgram(program, user, `p${String(index)}`, pool, index === 2 ? "die" : "live"),
    );
    const ends = await Promise.all(children.map(({ ended }) => ended));
    expect(ends).toEqual([0, 0, "SIGKILL", 0, 0, 0]);
    const given = children.flatMap(({ lines }) => lines);
    // The one that was killed had written down its first.
    expect(given).toHaveLength(10);
    expect(new Set(given).size).toBe(10);
    expect(given).not.toContain("none");
    const again = startProgram(program, user, "p2", pool, "live");
    await again.ended;
    expect([...given, ...again.lines].map(Number).sort((a, b) => a - b)).toEqual(names.map(Number));
    const registry = await readFile(path.join(user, "state/devkit/logins.json"), "utf8");
    expect(registry).not.toContain("rt_");
  });
});
