import { execFileSync } from "node:child_process";
import { mkdir, readFile, rm, stat, symlink, writeFile } from "node:fs/promises";
import path from "node:path";
import { beforeEach, describe, expect, test } from "vitest";
import { checkLogins } from "../../../../src/app/logins/check-logins.js";
import { clearLogins } from "../../../../src/app/logins/clear-logins.js";
import { importLogin } from "../../../../src/app/logins/import-login.js";
import { reseedLogins } from "../../../../src/app/logins/reseed-logins.js";
import { showLogins } from "../../../../src/app/logins/show-logins.js";
import { LOGIN_KINDS } from "../../../../src/domain/logins/login-kinds.js";
import { claudeLogin, codexLogin } from "../../support/logins.js";
import { homeOf, loginStand, makeHome, withPool, type LoginStand } from "../../support/login-stand.js";
import { errorOf, tempDir } from "../../support/temp.js";

const { codex, claude } = LOGIN_KINDS;
const NOW = new Date("2026-06-01T00:00:00Z");
let deps: LoginStand;
let file: string;

beforeEach(async () => {
  deps = loginStand(await tempDir());
  file = path.join(deps.user, "auth.json");
  for (const index of [1, 2]) await makeHome(deps, index);
});

const give = async (text: string, index = 1, options: object = {}, kind = codex) => {
  await writeFile(file, text);
  return importLogin(deps, kind, { file, selector: String(index), force: false, share: false, ...options });
};
const held = async (index = 1) =>
  JSON.parse(await readFile(path.join(homeOf(deps, index), ".codex/auth.json"), "utf8")) as {
    tokens: { refresh_token: string };
  };
const refused = async (work: Promise<unknown>) => {
  const { code, exitCode, message } = await errorOf(work);
  return { code, exitCode, message };
};

describe("import", () => {
  test("puts the login alone there, for the agent's eyes only", async () => {
    expect(await give(codexLogin())).toMatchObject({ changed: true, login: { account: "tess@example.com" } });
    expect((await stat(path.join(homeOf(deps, 1), ".codex/auth.json"))).mode & 0o777).toBe(0o600);
    expect((await held()).tokens.refresh_token).toBe("rt_1");
    expect(await give(codexLogin())).toMatchObject({ changed: false });
  });

  test("takes it from standard input too", async () => {
    const piped = loginStand(deps.user, "demo", [Buffer.from(codexLogin())]);
    await importLogin(piped, codex, { file: "-", selector: "agent-2", force: false, share: false });
    expect((await held(2)).tokens.refresh_token).toBe("rt_1");
  });

  test("never over one that the agent has renewed since, unless forced", async () => {
    await give(codexLogin());
    const renewed = codexLogin({ refresh: "rt_2", refreshed: "2026-02-01T00:00:00Z" });
    await writeFile(path.join(homeOf(deps, 1), ".codex/auth.json"), renewed);
    expect(await refused(give(codexLogin()))).toMatchObject({
      code: "E_LOGIN_KEPT",
      exitCode: 5,
      message: expect.stringContaining("renewed") as string,
    });
    expect((await held()).tokens.refresh_token).toBe("rt_2");
    await give(codexLogin(), 1, { force: true });
    expect((await held()).tokens.refresh_token).toBe("rt_1");
    await give(renewed);
    expect((await held()).tokens.refresh_token).toBe("rt_2");
  });

  test("never over one of another family, nor another key", async () => {
    await give(codexLogin());
    expect(await refused(give(codexLogin({ session: "session-2", refresh: "rt_9" })))).toMatchObject({
      code: "E_LOGIN_KEPT",
      message: "agent-1 has another Codex login (tess@example.com)",
    });
    await give('{"OPENAI_API_KEY":"sk-1"}', 2);
    expect(await refused(give('{"OPENAI_API_KEY":"sk-2"}', 2))).toMatchObject({ code: "E_LOGIN_KEPT" });
  });

  test("refuses a family that is in use in another agent, another project or by the user", async () => {
    await give(codexLogin());
    expect(await refused(give(codexLogin(), 2))).toMatchObject({
      code: "E_LOGIN_SHARED",
      exitCode: 5,
      message: expect.stringMatching(/^agent-1 would be logged out/) as string,
    });
    const other = loginStand(deps.user, "other");
    await makeHome(other, 1);
    const request = { file, selector: "1", force: true, share: false };
    expect((await refused(importLogin(other, codex, request))).message).toContain(
      `agent-1 of ${deps.project.root}`,
    );
    await give(codexLogin(), 2, { share: true });
    expect((await held(2)).tokens.refresh_token).toBe("rt_1");
    await mkdir(path.join(deps.user, ".codex"));
    await writeFile(
      path.join(deps.user, ".codex/auth.json"),
      codexLogin({ session: "mine", refresh: "rt_m" }),
    );
    expect(
      (await refused(give(codexLogin({ session: "mine", refresh: "rt_m" }), 1, { force: true }))).message,
    ).toContain("you (");
  });

  test("a family stays known when both places have renewed, by what was noted", async () => {
    await give(claudeLogin(), 1, {}, claude);
    const renewed = claudeLogin({ access: "at_2", refresh: "rt_2" });
    await writeFile(path.join(homeOf(deps, 1), ".claude/.credentials.json"), renewed);
    expect(await refused(give(claudeLogin(), 2, {}, claude))).toMatchObject({ code: "E_LOGIN_SHARED" });
    expect(await refused(give(renewed, 2, {}, claude))).toMatchObject({ code: "E_LOGIN_SHARED" });
  });

  test("API keys can be anywhere", async () => {
    await give('{"OPENAI_API_KEY":"sk-1"}');
    await give('{"OPENAI_API_KEY":"sk-1"}', 2);
    expect(await checkLogins(deps, NOW)).toMatchObject({ verdict: "ok", found: "2 in agents' homes" });
  });

  test.each([
    ["that is none", "{}"],
    ["of another program", claudeLogin()],
    ["that is too large", "x".repeat(100_000)],
  ])("refuses a file %s", async (_, text) => {
    expect(await refused(give(text))).toMatchObject({ code: "E_LOGIN", exitCode: 2 });
  });

  test("refuses a file that is missing, a directory, or endless", async () => {
    for (const from of [path.join(deps.user, "none"), deps.user, "/dev/zero"]) {
      const request = { file: from, selector: "1", force: false, share: false };
      expect(await refused(importLogin(deps, codex, request))).toMatchObject({ code: "E_LOGIN" });
    }
  });
});

describe("hostile homes", () => {
  const plant = {
    link: (at: string) => symlink(file, at),
    "named pipe": (at: string) => Promise.resolve(void execFileSync("mkfifo", [at])),
    "100 MB": (at: string) => writeFile(at, Buffer.alloc(100 * 1024 * 1024, "x")),
    bomb: (at: string) => writeFile(at, "[".repeat(60_000)),
  };

  test.each(Object.entries(plant))(
    "a %s in the place of a login is none, and is replaced",
    async (_, put) => {
      await writeFile(file, codexLogin());
      const at = path.join(homeOf(deps, 1), ".codex/auth.json");
      await put(at);
      const [shown] = await showLogins(deps, codex, ["1"], NOW);
      expect(shown).toMatchObject({ login: undefined, sharedWith: [] });
      expect(await give(codexLogin({ session: "s", refresh: "r" }))).toMatchObject({ changed: true });
      expect((await stat(at)).size).toBeLessThan(2000);
      expect(await readFile(file, "utf8")).toBe(codexLogin({ session: "s", refresh: "r" }));
    },
  );

  test("a link in the place of the directory leads nobody out of the home", async () => {
    const outside = path.join(deps.user, "outside");
    await mkdir(outside);
    await writeFile(path.join(outside, "auth.json"), codexLogin());
    const at = path.join(homeOf(deps, 1), ".codex");
    await rm(at, { recursive: true });
    await symlink(outside, at);
    expect((await showLogins(deps, codex, ["1"], NOW))[0]?.login).toBeUndefined();
    expect(await refused(give(codexLogin({ refresh: "rt_2" })))).toMatchObject({ code: "E_HOME" });
    await clearLogins(deps, codex, ["1"]);
    expect(await readFile(path.join(outside, "auth.json"), "utf8")).toBe(codexLogin());
  });
});

describe("show and doctor", () => {
  test("name a family that is in two homes, one that is over, and modes that are too wide", async () => {
    expect(await checkLogins(deps, NOW)).toMatchObject({ verdict: "ok", found: "0 in agents' homes" });
    await give(codexLogin());
    await give(codexLogin(), 2, { share: true });
    const [shown] = await showLogins(deps, codex, [], NOW);
    expect(shown).toMatchObject({ sharedWith: ["agent-2"], state: "valid", slot: undefined });
    await writeFile(
      path.join(homeOf(deps, 2), ".claude/.credentials.json"),
      claudeLogin({ access: "", refresh: "", expires: 0 }),
      { mode: 0o644 },
    );
    const { verdict, found, fix } = await checkLogins(deps, NOW);
    expect(verdict).toBe("warning");
    expect(found.split("; ")).toEqual([
      "agent-1 and agent-2 have one Codex login, which renewing it ends in all places but one",
      "the Claude login of agent-2 is over",
      "~/.claude/.credentials.json of agent-2 has mode 644",
    ]);
    expect(fix).toBe("devkit codex-auth clear 2");
  });

  test("name a login that nobody was told of", async () => {
    await writeFile(path.join(homeOf(deps, 1), ".codex/auth.json"), codexLogin());
    await writeFile(path.join(homeOf(deps, 2), ".codex/auth.json"), codexLogin({ refresh: "rt_2" }));
    expect((await showLogins(deps, codex, [], NOW)).map(({ sharedWith }) => sharedWith)).toEqual([
      ["agent-2"],
      ["agent-1"],
    ]);
  });
});

test("what is kept of logins outside of homes is hashes, for the user alone", async () => {
  await give(codexLogin());
  const registry = path.join(deps.user, "state/devkit/logins.json");
  const beside = path.join(path.dirname(homeOf(deps, 1)), "logins.json");
  for (const at of [registry, beside]) {
    expect((await stat(at)).mode & 0o777).toBe(0o600);
    const text = await readFile(at, "utf8");
    expect(text).toMatch(/session-[0-9a-f]{32}/);
    expect(text).not.toMatch(/rt_1|session-1|tess@|eyJ/);
  }
});

describe("reseed without a pool", () => {
  const reseed = (share: boolean) =>
    reseedLogins(deps, codex, { selectors: ["1"], settingsOf: withPool(undefined), force: false, share });

  test("gives the user's own login only where that is said to be shared", async () => {
    const codes = async (share: boolean) => (await reseed(share)).outcomes.map(({ error }) => error?.code);
    expect(await codes(true)).toEqual(["E_LOGIN_MISSING"]);
    await mkdir(path.join(deps.user, ".codex"));
    const own = path.join(deps.user, ".codex/auth.json");
    await writeFile(own, codexLogin());
    expect(await codes(false)).toEqual(["E_LOGIN_SHARED"]);
    expect(await codes(true)).toEqual([undefined]);
    expect((await showLogins(deps, codex, ["1"], NOW))[0]?.sharedWith).toEqual([`you (${own})`]);
    await writeFile(own, '{"OPENAI_API_KEY":"sk-1"}');
    await clearLogins(deps, codex, ["1"]);
    expect(await codes(false)).toEqual([undefined]);
  });
});
