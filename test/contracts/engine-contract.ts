import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Engine } from "../../src/app/ports-engine.js";
import { waitFor } from "../../src/base/wait.js";
import type { ContainerSpec } from "../../src/domain/agents/container-spec.js";
import { commandTests } from "./engine-commands.js";
import { containerTests } from "./engine-containers.js";
import { networkTests } from "./engine-networks.js";

/** An engine to try, and what only its maker can do. */
export interface EngineUnderTest {
  readonly engine: Engine;
  /** A container of this run's own project; nothing of it may be left when `clean` is done. */
  spec(agent: number, change?: Partial<ContainerSpec>): ContainerSpec;
  /** Gives the name to a container that devkit did not make. */
  occupy(name: string): Promise<void>;
  /** The reference of an image that is there. */
  readonly image: string;
  clean(): Promise<void>;
}

/** What every engine has to do, the real one and the one in memory alike: fakes cannot drift from it. */
export function engineContract(name: string, makeEngine: () => Promise<EngineUnderTest>): void {
  describe(`the contract of engines: ${name}`, () => {
    let under: EngineUnderTest;
    beforeAll(async () => {
      under = await makeEngine();
    });
    afterAll(() => under.clean());

    const started = async (agent: number) => {
      const id = await under.engine.createContainer(under.spec(agent));
      await under.engine.startContainer(id);
      return id;
    };

    describe("containers", () => {
      containerTests(() => under);
    });

    describe("networks", () => {
      networkTests(() => under);
    });

    describe("commands", () => {
      let id: string;
      beforeAll(async () => {
        id = await started(20);
      });
      commandTests(() => ({ ...under, id }));
    });

    test("the main process's log comes line by line, each with its time, from the end if asked", async () => {
      const command = ["/bin/sh", "-c", "echo one two; echo three >&2; exec sleep 600"];
      const id = await under.engine.createContainer(under.spec(30, { command }));
      await under.engine.startContainer(id);
      const lines = async (tail: number | undefined) => {
        const found: string[] = [];
        const options = { follow: false, tail, signal: new AbortController().signal };
        for await (const line of under.engine.logs(id, options)) found.push(line);
        return found;
      };
      const all = await waitFor(
        async () => ((await lines(undefined)).length === 2 ? lines(undefined) : undefined),
        {
          deadlineMs: 10_000,
          what: "two lines",
        },
      );
      expect(all.map((line) => line.replace(/^\S+ /, "")).sort()).toEqual(["one two", "three"]);
      for (const line of all) expect(Date.parse(line.split(" ", 1)[0] ?? "")).toBeGreaterThan(0);
      expect(await lines(1)).toHaveLength(1);
    });

    test("images are found by reference and by id, or not at all", async () => {
      const found = await under.engine.findImage(under.image);
      expect(found?.id).toMatch(/^sha256:[0-9a-f]{64}$/);
      expect((await under.engine.findImage(found?.id ?? ""))?.id).toBe(found?.id);
      expect(await under.engine.findImage("devkit-no-such-image:none")).toBeUndefined();
    });

    test("it says what it is", async () => {
      const info = await under.engine.info();
      expect(info.name).not.toBe("");
      expect(info.version).not.toBe("");
      expect(info.cpus).toBeGreaterThan(0);
      expect(info.memoryBytes).toBeGreaterThan(0);
    });
  });
}
