import { describe, expect, test } from "vitest";
import { createTextSink } from "../../../src/base/text-sink.js";
import { DevkitError } from "../../../src/base/errors.js";
import { agentAt } from "../../../src/domain/agents/agent.js";
import { createReporter, type ReporterOptions } from "../../../src/output/reporter.js";

function create(options: Partial<ReporterOptions> = {}) {
  const [out, err] = [createTextSink(100_000), createTextSink(100_000)];
  const streams = { stdout: out.stream, stderr: err.stream };
  const reporter = createReporter({ json: false, color: false, verbose: false, ...streams, ...options });
  return { reporter, stdout: () => out.text(), stderr: () => err.text() };
}

describe("for people", () => {
  test("stdout is the answer alone, stderr what went on", () => {
    const { reporter, stdout, stderr } = create();
    const step = reporter.step(agentAt(1), "waiting");
    step.update("creating");
    step.done("created and running");
    reporter.warn("look out");
    reporter.step(agentAt(2), "waiting").fail("it broke");
    reporter.answer("agent up", {}, () => "2 agents");
    expect(stdout()).toBe("2 agents\n");
    expect(stderr()).toBe("✓ agent-1: created and running\nwarning: look out\n✗ agent-2: it broke\n");
  });

  test("an answer ends with one line end, an empty one is nothing", () => {
    for (const [text, printed] of [
      ["a", "a\n"],
      ["a\n", "a\n"],
      ["", ""],
    ] as const) {
      const { reporter, stdout } = create();
      reporter.answer("x", {}, () => text);
      expect(stdout()).toBe(printed);
    }
  });

  test("steps that belong to no agent are said at their beginning: they may take long", () => {
    const { reporter, stderr } = create();
    const step = reporter.step(undefined, "building the image");
    step.update("Step 1/9 : FROM x");
    step.update("Get:1 some package");
    step.done();
    expect(stderr()).toBe("building the image …\n  Step 1/9 : FROM x\n✓ building the image\n");
  });

  test("what a build or an agent says does nothing to the terminal", () => {
    const { reporter, stderr } = create({ verbose: true });
    const evil = "\u001b]0;title\u0007";
    const step = reporter.step(undefined, evil);
    step.update(`Step 1/9 : ${evil}`);
    step.done();
    reporter.step(undefined, "x").fail(evil);
    reporter.warn(evil);
    expect(stderr()).not.toMatch(/[^\P{Cc}\n]/u);
  });

  test("all is said when asked to say more", () => {
    const { reporter, stderr } = create({ verbose: true });
    reporter.step(agentAt(1), "waiting").update(`creating ${"x".repeat(200)}`);
    expect(stderr()).toMatch(/^ {2}agent-1: creating x+…\n$/);
    expect(stderr().length).toBeLessThan(130);
  });

  test("a failure is on stderr, and stdout stays empty", () => {
    const { reporter, stdout, stderr } = create();
    reporter.failure("agent up", new DevkitError("E_GIT", "git failed", { hint: "try" }));
    expect([stdout(), stderr()]).toEqual(["", "error: git failed\nhint: try\n"]);
  });

  test("items of a stream come line by line", () => {
    const { reporter, stdout } = create();
    reporter.item({ n: 1 }, () => "one");
    reporter.item({ n: 2 }, () => "two");
    expect(stdout()).toBe("one\ntwo\n");
  });
});

describe("for programs", () => {
  test("a document is no command to the CI that it is printed in, and the same document", () => {
    const { reporter, stdout } = create({ json: true });
    const data = { subject: "x ##[add-mask]y ##vso[task.z]" };
    reporter.answer("x", data, () => "");
    expect(stdout()).not.toMatch(/##(vso)?\[/);
    expect(JSON.parse(stdout())).toMatchObject({ data });
  });

  test("an answer is one document with the warnings, on one line", () => {
    const { reporter, stdout } = create({ json: true });
    reporter.warn("look out");
    reporter.answer("agent list", { agents: [{ name: "a\nb" }] }, () => expect.fail("asked for text"));
    expect(stdout().split("\n")).toHaveLength(2);
    expect(JSON.parse(stdout())).toEqual({
      ok: true,
      command: "agent list",
      version: 1,
      data: { agents: [{ name: "a\nb" }] },
      warnings: ["look out"],
    });
  });

  test("a failure is one document too, and stderr has no second telling of it", () => {
    const { reporter, stdout, stderr } = create({ json: true });
    reporter.failure(
      "agent up",
      new DevkitError("E_TOO_MANY", "too many", { hint: "--force", details: { n: 7 } }),
    );
    expect(JSON.parse(stdout())).toEqual({
      ok: false,
      command: "agent up",
      version: 1,
      error: { code: "E_TOO_MANY", message: "too many", hint: "--force", exitCode: 5, details: { n: 7 } },
      warnings: [],
    });
    expect(stderr()).toBe("");
  });

  test("items of a stream are a document a line", () => {
    const { reporter, stdout } = create({ json: true });
    reporter.item({ n: 1 }, () => expect.fail("asked for text"));
    reporter.item({ n: 2 }, () => expect.fail("asked for text"));
    expect(stdout()).toBe('{"n":1}\n{"n":2}\n');
  });

  test("has no colours in it, whatever is wanted", () => {
    const { reporter, stdout } = create({ json: true, color: true });
    reporter.warn("look out");
    reporter.answer("x", {}, () => "");
    expect(stdout()).not.toContain("\u001b");
  });
});
