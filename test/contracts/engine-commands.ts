import { once } from "node:events";
import { PassThrough, Readable } from "node:stream";
import { expect, test } from "vitest";
import type { ExecRequest, ExecStreams } from "../../src/app/ports-engine.js";
import { createTextSink } from "../../src/base/text-sink.js";
import { waitFor } from "../../src/base/wait.js";
import { LABELS } from "../../src/domain/identity/names.js";
import { codeOf } from "./code-of.js";
import type { EngineUnderTest } from "./engine-contract.js";

/** How an engine runs commands in a container that runs (`id`). */
export function commandTests(under: () => EngineUnderTest & { readonly id: string }): void {
  const request = (argv: readonly string[], change: Partial<ExecRequest> = {}): ExecRequest => ({
    argv,
    env: {},
    workdir: "/",
    tty: false,
    ...change,
  });
  const run = async (
    argv: readonly string[],
    more: { input?: string | Buffer; change?: Partial<ExecRequest>; streams?: Partial<ExecStreams> } = {},
  ) => {
    const [out, err] = [createTextSink(1024 * 1024), createTextSink(1024 * 1024)];
    const stdin = more.input === undefined ? undefined : Readable.from([Buffer.from(more.input)]);
    const exitCode = await under().engine.exec(under().id, request(argv, more.change), {
      stdin,
      stdout: out.stream,
      stderr: err.stream,
      ...more.streams,
    });
    return { exitCode, out: out.text(), err: err.text() };
  };

  test.each([0, 1, 3, 125, 255])("end with their own exit code %d", async (code) => {
    expect((await run(["sh", "-c", `exit ${String(code)}`])).exitCode).toBe(code);
  });

  test("that are not there end with 127, those that cannot be run with 126", async () => {
    expect((await run(["devkit-no-such-program"])).exitCode).toBe(127);
    expect((await run(["/tmp"])).exitCode).toBe(126);
  });

  test("that a signal ends, end with 128 and its number", async () => {
    expect((await run(["sh", "-c", "kill -9 $$"])).exitCode).toBe(137);
  });

  test("get their arguments unchanged", async () => {
    const words = ["a b", "'", '"', "$HOME", "`id`", "*", "", "--help", "-p", "line\nbreak", "größe", "\\"];
    const { out, exitCode } = await run(["sh", "-c", 'printf "%s\\0" "$@"', "sh", ...words]);
    expect(exitCode).toBe(0);
    expect(out.split("\0").slice(0, -1)).toEqual(words);
  });

  test("keep their two outputs apart", async () => {
    expect(await run(["sh", "-c", "echo out; echo err >&2"])).toEqual({
      exitCode: 0,
      out: "out\n",
      err: "err\n",
    });
  });

  test("read their input to its end, byte for byte", async () => {
    const input = Buffer.from(Array.from({ length: 200_000 }, (_, position) => position % 251));
    const out = new PassThrough();
    const chunks: Buffer[] = [];
    out.on("data", (chunk: Buffer) => chunks.push(chunk));
    const { exitCode } = await run(["cat"], { input, streams: { stdout: out } });
    expect(exitCode).toBe(0);
    expect(Buffer.concat(chunks).equals(input)).toBe(true);
  });

  test("without input read its end at once", async () => {
    expect(await run(["cat"])).toMatchObject({ exitCode: 0, out: "" });
  });

  test("have the variables and the directory they are given", async () => {
    const change = { env: { GREETING: "hello  world" }, workdir: "/tmp" };
    expect((await run(["sh", "-c", 'echo "$GREETING"; pwd'], { change })).out).toBe("hello  world\n/tmp\n");
  });

  test("are counted while they run, and no longer", async () => {
    expect(await under().engine.countExecs(under().id)).toBe(0);
    const stdin = new PassThrough();
    const running = run(["cat"], { streams: { stdin } });
    const isCounted = async () => ((await under().engine.countExecs(under().id)) === 1 ? true : undefined);
    await waitFor(isCounted, { deadlineMs: 10_000, what: "the command to be counted" });
    stdin.end();
    await running;
    const isOver = async () => ((await under().engine.countExecs(under().id)) === 0 ? true : undefined);
    await waitFor(isOver, { deadlineMs: 10_000, what: "the command to be over" });
  });

  test("get signals, and so does what they started", async () => {
    let send: ((signal: NodeJS.Signals) => void) | undefined;
    const out = new PassThrough();
    // It is ready when what it started is: a signal before that would leave that one out.
    const script = "trap 'exit 7' TERM; (echo ready; exec sleep 600) & wait";
    const running = run(["sh", "-c", script], {
      streams: { stdout: out, onSignals: (given) => (send = given) },
    });
    await once(out, "data");
    send?.("SIGTERM");
    expect((await running).exitCode).toBe(7);
  });

  test("cannot run in a container that does not", async () => {
    const stopped = await under().engine.createContainer(under().spec(21));
    const sink = createTextSink(10).stream;
    const streams = { stdin: undefined, stdout: sink, stderr: sink };
    expect(await codeOf(under().engine.exec(stopped, request(["true"]), streams))).toBe(
      "E_AGENT_NOT_RUNNING",
    );
  });

  test("can run in a container of their own, of which nothing is left", async () => {
    const spec = under().spec(22);
    const [out, err] = [createTextSink(1000), createTextSink(1000)];
    const streams = { stdin: undefined, stdout: out.stream, stderr: err.stream };
    const argv = ["sh", "-c", "echo out; echo err >&2; exit 3"];
    expect(await under().engine.runOnce(spec, request(argv), streams)).toBe(3);
    expect([out.text(), err.text()]).toEqual(["out\n", "err\n"]);
    const found = await under().engine.listContainers("agent", spec.labels[LABELS.project]);
    expect(found.filter((one) => one.agentName === "agent-22")).toEqual([]);
  });

  test("can run in another container's network, with what they are given and nothing of it left", async () => {
    const { engine, id, image } = under();
    const { labels } = under().spec(20);
    const found = await engine.findImage(image);
    const beside = (argv: readonly string[]) => ({ image: found?.id ?? "", user: "4242:4242", labels, argv });
    const [out, err] = [createTextSink(1000), createTextSink(1000)];
    const streams = { stdin: Readable.from(["in"]), stdout: out.stream, stderr: err.stream };
    const argv = ["sh", "-c", "cat; echo ' out'; echo err >&2; exit 3"];
    expect(await engine.runBeside(id, beside(argv), streams)).toBe(3);
    expect([out.text(), err.text()]).toEqual(["in out\n", "err\n"]);
    const agents = await engine.listContainers("agent", labels[LABELS.project]);
    expect(agents.filter((one) => one.agentName === "agent-20").map((one) => one.id)).toEqual([id]);
  });

  test("cannot run beside a container that does not", async () => {
    const { engine, image } = under();
    const stopped = await engine.createContainer(under().spec(23));
    const found = await engine.findImage(image);
    const beside = { image: found?.id ?? "", user: "4242:4242", labels: {}, argv: ["true"] };
    const sink = createTextSink(10).stream;
    const streams = { stdin: undefined, stdout: sink, stderr: sink };
    expect(await codeOf(engine.runBeside(stopped, beside, streams))).toBe("E_AGENT_NOT_RUNNING");
    expect(await codeOf(engine.runBeside("0".repeat(64), beside, streams))).toBe("E_ENGINE");
  });
}
