import { describe, expect, test } from "vitest";
import { agentAt } from "../../../../src/domain/agents/agent.js";
import { agentEnv, HOME_DIRECTORIES, proxyEnv, terminalEnv } from "../../../../src/domain/agents/env.js";
import { PROJECT } from "../../support/things.js";

test("every directory variable points at a directory the home is made with", () => {
  const env = agentEnv(PROJECT, agentAt(2));
  const made = Object.keys(HOME_DIRECTORIES).map((directory) => `/home/agent/${directory}`);
  const names = Object.keys(env).filter((name) => /^(CODEX_|CLAUDE_|XDG_)/.test(name));
  expect(names.length).toBeGreaterThan(5);
  for (const name of names) expect(made).toContain(env[name]);
});

test("an agent knows its project, name and index", () => {
  expect(agentEnv(PROJECT, agentAt(2))).toMatchObject({
    HOME: "/home/agent",
    DEVKIT_PROJECT: PROJECT.id,
    DEVKIT_AGENT: "agent-2",
    DEVKIT_AGENT_INDEX: "2",
  });
});

test("directories that hold secrets are closed to others", () => {
  for (const directory of [".ssh", ".codex", ".claude", ".config"]) {
    expect(HOME_DIRECTORIES[directory]).toBe(0o700);
  }
});

describe("the terminal's variables", () => {
  const host = { TERM: "xterm-kitty", COLORTERM: "truecolor", LANG: "de_DE.UTF-8", SECRET: "x" };

  test("with a terminal: its type and colours", () => {
    expect(terminalEnv(host, true)).toEqual({ TERM: "xterm-kitty", COLORTERM: "truecolor", LANG: "C.UTF-8" });
  });

  test("without a terminal: neither; NO_COLOR always", () => {
    expect(terminalEnv({ ...host, NO_COLOR: "1" }, false)).toEqual({ NO_COLOR: "1", LANG: "C.UTF-8" });
  });

  test("a variable that is set to nothing is not passed", () => {
    expect(terminalEnv({ TERM: "", COLORTERM: "" }, true)).toEqual({ LANG: "C.UTF-8" });
  });

  test.each([
    [{}, "C.UTF-8"],
    [{ LANG: "en_US.utf8" }, "C.UTF-8"],
    [{ LANG: "C" }, "C"],
    [{ LC_ALL: "C", LANG: "de_DE.UTF-8" }, "C"],
    [{ LC_CTYPE: "POSIX", LANG: "de_DE.UTF-8" }, "POSIX"],
  ])("the locale of %j is %s", (env, expected) => {
    expect(terminalEnv(env, false)["LANG"]).toBe(expected);
  });
});

describe("the host's proxy settings, for building images", () => {
  test("reach tools in both cases of the name", () => {
    expect(proxyEnv({ HTTPS_PROXY: "http://proxy:3128", no_proxy: "localhost", OTHER: "x" })).toEqual({
      HTTPS_PROXY: "http://proxy:3128",
      https_proxy: "http://proxy:3128",
      NO_PROXY: "localhost",
      no_proxy: "localhost",
    });
  });

  test("the lower case wins, as it does in curl; nothing set is nothing", () => {
    expect(proxyEnv({ HTTP_PROXY: "http://a", http_proxy: "http://b" })["HTTP_PROXY"]).toBe("http://b");
    expect(proxyEnv({ HTTP_PROXY: "" })).toEqual({});
  });

  test("keep their credentials: the build happens where the host is", () => {
    const value = "http://tess:hunter2@proxy:3128";
    expect(proxyEnv({ HTTPS_PROXY: value })["https_proxy"]).toBe(value);
  });
});

describe("the way out of an agent", () => {
  const env: Readonly<Partial<Record<string, string>>> = agentEnv(PROJECT, agentAt(2));

  test("is its proxy in both cases of the name, for Node and for Java too", () => {
    for (const name of ["HTTP_PROXY", "HTTPS_PROXY"]) {
      expect([env[name], env[name.toLowerCase()]]).toEqual(Array(2).fill("http://tinyproxy:8888"));
    }
    expect(env["NODE_USE_ENV_PROXY"]).toBe("1");
    expect(env["JAVA_TOOL_OPTIONS"]?.split(" ").sort()).toEqual([
      "-Dhttp.nonProxyHosts=localhost|127.*|[::1]",
      "-Dhttp.proxyHost=tinyproxy",
      "-Dhttp.proxyPort=8888",
      "-Dhttps.proxyHost=tinyproxy",
      "-Dhttps.proxyPort=8888",
    ]);
  });

  test("is not taken to itself", () => {
    expect([env["NO_PROXY"], env["no_proxy"]]).toEqual(Array(2).fill("localhost,127.0.0.1,::1"));
  });

  test("is told in a file that it can read", () => {
    expect(env["DEVKIT_POLICY"]).toBe("/devkit/policy/egress.txt");
  });
});
