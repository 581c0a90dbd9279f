import { expect, test } from "vitest";
import type { ExecRequest } from "../../src/app/ports-engine.js";
import { createTextSink } from "../../src/base/text-sink.js";
import { LABELS } from "../../src/domain/identity/names.js";
import { codeOf } from "./code-of.js";
import type { EngineUnderTest } from "./engine-contract.js";

const NOBODY = "0".repeat(64);

/** How an engine makes, starts, stops and removes containers. */
export function containerTests(under: () => EngineUnderTest): void {
  const project = () => under().spec(1).labels[LABELS.project];
  const listed = () => under().engine.listContainers("agent", project());
  const stateOf = async (id: string) => (await listed()).find((one) => one.id === id)?.state;

  test("are listed by their labels alone: of one project, or of all", async () => {
    const spec = under().spec(1);
    const id = await under().engine.createContainer(spec);
    const mine = (await listed()).filter((one) => one.id === id);
    expect(mine).toMatchObject([
      {
        name: spec.name,
        state: "created",
        agentName: "agent-1",
        projectId: project(),
        root: spec.labels[LABELS.root],
        configHash: spec.labels[LABELS.configHash],
        config: spec.labels[LABELS.config],
      },
    ]);
    expect((await under().engine.listContainers("agent", undefined)).map((one) => one.id)).toContain(id);
    expect(await under().engine.listContainers("agent", "no-such-project")).toEqual([]);
  });

  test("start and stop, and doing so again changes nothing", async () => {
    const id = await under().engine.createContainer(under().spec(2));
    await under().engine.startContainer(id);
    await under().engine.startContainer(id);
    expect(await stateOf(id)).toBe("running");
    await under().engine.stopContainer(id);
    await under().engine.stopContainer(id);
    expect(await stateOf(id)).toBe("exited");
    await under().engine.startContainer(id);
    expect(await stateOf(id)).toBe("running");
  });

  test("tell each start from every other, and have none while they do not run", async () => {
    const { engine } = under();
    const id = await engine.createContainer(under().spec(12));
    expect(await engine.findStart(id)).toBeUndefined();
    await engine.startContainer(id);
    const first = await engine.findStart(id);
    await engine.startContainer(id);
    expect([typeof first, await engine.findStart(id)]).toEqual(["string", first]);
    const { peakMemory = 0, layerBytes = -1 } = await engine.findUsage(id);
    expect([peakMemory > 0, layerBytes >= 0]).toEqual([true, true]);
    const { memory = 0, cpus = -1 } = (await engine.findLoad(id)) ?? {};
    expect([memory > 0, cpus >= 0]).toEqual([true, true]);
    await engine.stopContainer(id);
    expect(await engine.findLoad(id)).toBeUndefined();
    expect(await engine.findUsage(id)).toMatchObject({ peakMemory: undefined, layerBytes });
    expect(await engine.findStart(id)).toBeUndefined();
    await engine.startContainer(id);
    const second = await engine.findStart(id);
    expect([typeof second, second === first]).toEqual(["string", false]);
  });

  test("that never ran can be stopped", async () => {
    const id = await under().engine.createContainer(under().spec(3));
    await under().engine.stopContainer(id);
    expect(await stateOf(id)).toBe("created");
  });

  test("are removed, running or not, and removing again is no failure", async () => {
    const [one, other] = [under().spec(4), under().spec(5)];
    const [running, created] = [
      await under().engine.createContainer(one),
      await under().engine.createContainer(other),
    ];
    await under().engine.startContainer(running);
    for (const id of [running, created, running, NOBODY]) await under().engine.removeContainer(id);
    const names = (await listed()).map((found) => found.name);
    expect(names).not.toContain(one.name);
    expect(names).not.toContain(other.name);
  });

  test("of the same name and settings are the same one", async () => {
    const spec = under().spec(6);
    const id = await under().engine.createContainer(spec);
    expect(await under().engine.createContainer(spec)).toBe(id);
    const both = await Promise.all([1, 2].map(() => under().engine.createContainer(under().spec(7))));
    expect(new Set(both).size).toBe(1);
  });

  test("of the same name and other settings are replaced", async () => {
    const spec = under().spec(8);
    const id = await under().engine.createContainer(spec);
    await under().engine.startContainer(id);
    const changed = { ...spec, labels: { ...spec.labels, [LABELS.configHash]: "changed" } };
    const next = await under().engine.createContainer(changed);
    expect(next).not.toBe(id);
    const found = (await listed()).filter((one) => one.name === spec.name);
    expect(found.map((one) => one.id)).toEqual([next]);
  });

  test("of a name that a stranger's has are refused, and the stranger's is left alone", async () => {
    const spec = under().spec(9);
    await under().occupy(spec.name);
    expect(await codeOf(under().engine.createContainer(spec))).toBe("E_ENGINE");
    expect(await codeOf(under().engine.createContainer(spec))).toBe("E_ENGINE");
    expect((await listed()).map((one) => one.name)).not.toContain(spec.name);
  });

  test("can be made anew at once, while an earlier removal still goes on", async () => {
    const spec = under().spec(10);
    const id = await under().engine.createContainer(spec);
    await under().engine.startContainer(id);
    const removals = [under().engine.removeContainer(id), under().engine.removeContainer(id)];
    await Promise.race(removals);
    const next = await under().engine.createContainer(spec);
    await under().engine.startContainer(next);
    await Promise.all(removals);
    expect(await stateOf(next)).toBe("running");
  });

  test("that are not there cannot be started, stopped, asked or used", async () => {
    const { engine } = under();
    const request: ExecRequest = { argv: ["true"], env: {}, workdir: "/", tty: false };
    const sink = createTextSink(10).stream;
    const streams = { stdin: undefined, stdout: sink, stderr: sink };
    expect(await codeOf(engine.startContainer(NOBODY))).toBe("E_ENGINE");
    expect(await codeOf(engine.stopContainer(NOBODY))).toBe("E_ENGINE");
    expect(await codeOf(engine.countExecs(NOBODY))).toBe("E_ENGINE");
    expect(await engine.findStart(NOBODY)).toBeUndefined();
    expect(await codeOf(engine.exec(NOBODY, request, streams))).toBe("E_ENGINE");
  });
}
