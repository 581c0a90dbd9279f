import { afterAll, beforeAll, expect, test } from "vitest";
import { useMachineEngine } from "../faults/machine-engine.js";
import { tryFault } from "../faults/try-fault.js";
import { createWorld, type World } from "../faults/world.js";

/** A handful of what `npm run faults` does at length, so that it does not rot; on the machine's engine, which is nobody's to kill. */
const FAULTS = [
  { number: 1, kind: "devkit", command: "spawn", seed: 11 },
  { number: 2, kind: "agent", command: "sync", seed: 12 },
] as const;

let world: World;

beforeAll(async () => {
  world = await createWorld(useMachineEngine());
});

afterAll(() => world.box.remove());

test.each(FAULTS)(
  "$kind is killed with -9 during $command: nothing is lost, nothing stays",
  async (fault) => {
    expect(await tryFault(world, fault, 1500)).toMatchObject({ stuck: [], lost: [], left: [] });
  },
);
