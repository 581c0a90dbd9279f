import { describe, expect, it } from "vitest";
import { interpolate } from "../../../src/config/interpolate.js";
import { settingVariables } from "../../../src/config/setting-variables.js";
import { configErrorOf, createProject, errorOf, problemsOf } from "./temp-project.js";

const VALUES: Readonly<Partial<Record<string, string>>> = { A: "a", B: "b $A", EMPTY: "" };
const put = (text: string) => interpolate(text, (name) => VALUES[name]);

describe("interpolate", () => {
  it.each([
    ["", ""],
    ["plain {A} }", "plain {A} }"],
    ["$A ${A}", "a a"],
    ["<${A}-${B}>", "<a-b $A>"],
    ["$A_1-$$A $$$$", undefined],
    ["$$A $$$$ $${A}", "$A $$ ${A}"],
    ["${A:-x}${A-x}${EMPTY:-x}[${EMPTY-x}]${NO:-x}${NO-x}", "aax[]xx"],
    ["${NO:-}${NO-}.", "."],
    ["${A:?x}${A?x}[${EMPTY?x}]", "aa[]"],
    ["${A:+x}${A+x}[${EMPTY:+x}]${EMPTY+x}[${NO:+x}${NO+x}]", "xx[]x[]"],
    ["${NO:-${ALSO_NO:-${A}}}", "a"],
    ["${A:-${NO}}", "a"],
    ["${A:-$NO}", "a"],
    ["${NO:+${NO}}", ""],
    ["${NO:-a b: {c}", "a b: {c"],
    ["${NO:-/x:/y}", "/x:/y"],
  ])("%s → %s", (text, wanted) => {
    if (wanted === undefined)
      expect(put(text)).toMatchObject({ ok: false, problem: "the variable A_1 is not set" });
    else expect(put(text)).toEqual({ ok: true, text: wanted });
  });

  it.each([
    ["${NO}", "the variable NO is not set", "set NO in your environment, or write ${NO:-default}"],
    ["$NO", "the variable NO is not set", "set NO in your environment, or write ${NO:-default}"],
    ["${NO:?say which}", "say which", "set NO in your environment"],
    ["${NO?which $A}", "which a", "set NO in your environment"],
    ["${EMPTY:?say which}", "say which", "set EMPTY in your environment"],
    ["${EMPTY:?}", "the variable EMPTY is not set", expect.anything()],
    [
      "a $ b",
      "a single $ that begins no variable",
      "write $$ for a dollar, or ${NAME:-default} for a variable",
    ],
    ["100$", "a single $ that begins no variable", expect.anything()],
    ["$1", "a single $ that begins no variable", expect.anything()],
    ["${}", "a single $ that begins no variable", expect.anything()],
    ["${A", "a single $ that begins no variable", expect.anything()],
    ["${A:-x", "a ${ without its }", expect.anything()],
    ["${A:=x}", "a single $ that begins no variable", expect.anything()],
    ["${A%.x}", "a single $ that begins no variable", expect.anything()],
    ["${A:-".repeat(9), "variables are nested too deeply", expect.anything()],
  ])("refuses %s", (text, problem, hint) => {
    expect(put(text)).toEqual({ ok: false, problem, hint: hint as string });
  });

  it("takes little time for much text", () => {
    const started = performance.now();
    put("${A:-".repeat(50_000));
    put("$$".repeat(120_000));
    put(`\${A:-${"${A:-b}".repeat(30_000)}}`);
    expect(performance.now() - started).toBeLessThan(2000);
  });
});

describe("variables in settings", () => {
  it("are the user's, and the places of the repository", () => {
    const variables = settingVariables({ DEVKIT_ROOT: "/fake", USER_VAR: "u" }, "/dev/app");
    expect(["DEVKIT_ROOT", "DEVKIT_DEV_ROOT", "USER_VAR", "constructor", "NO"].map(variables)).toEqual([
      "/dev/app",
      "/dev",
      "u",
      undefined,
      undefined,
    ]);
  });

  it("stand in those of the image and the container", async () => {
    const project = await createProject({ TAG: "12", DIR: "/data", TZ: "UTC" });
    await project.write(
      "devkit.toml",
      `[image]
base = "debian:\${TAG}"
dockerfile = "\${DEVKIT_ROOT}/D\${TAG}"
args = { V = "$TAG" }
packages = ["python\${TAG}"]
[container]
env = { ZONE = "\${TZ}", HOSTS = "\${NO_SUCH:-a,b}", COST = "5$$" }
env_file = ["\${DIR}/.env"]
mounts = ["\${DIR}:/data:ro", "\${DEVKIT_DEV_ROOT}:/dev-root"]
workdir = "/workspace/\${SUB-app}"
command = ["sh", "-c", "echo $$HOME"]
[hooks]
on_start = ["echo $HOME \${X:-y} $$"]
`,
    );
    const { settings } = await project.load();
    expect(settings.image).toMatchObject({
      base: "debian:12",
      dockerfile: `${project.root}/D12`,
      args: { V: "12" },
      packages: ["python12"],
    });
    expect(settings.container).toMatchObject({
      env: { ZONE: "UTC", HOSTS: "a,b", COST: "5$" },
      env_file: ["/data/.env"],
      mounts: ["/data:/data:ro", expect.stringMatching(/:\/dev-root$/)],
      workdir: "/workspace/app",
      command: ["sh", "-c", "echo $HOME"],
    });
    expect(settings.hooks.on_start).toEqual(["echo $HOME ${X:-y} $$"]);
  });

  it("that are not set are refused at their places, with the other mistakes of the file", async () => {
    const error = await configErrorOf(`[container]
env = { A = "\${NO_A}", B = "\${NO_B:?tell me b}" }
mounts = ["a:/a", "\${NO_C}:/c"]
pids = 1
`);
    expect(problemsOf(error).map(({ line, column, message }) => [line, column, message])).toEqual([
      [2, 13, "container.env.A: the variable NO_A is not set"],
      [2, 28, "container.env.B: tell me b"],
      [3, 19, "container.mounts: the variable NO_C is not set"],
      [4, 8, expect.stringContaining("container.pids must be")],
    ]);
    expect(problemsOf(error)[0]?.hint).toBe("set NO_A in your environment, or write ${NO_A:-default}");
  });

  it("do not stand in the names that agents may reach", async () => {
    const project = await createProject({ HOST: "example.com" });
    await project.write("devkit.toml", 'egress.allow = ["${HOST}"]\n');
    expect((await errorOf(project.load())).message).toMatch(
      /^devkit.toml:1:17: each of egress.allow must be/,
    );
  });
});
