import { expect, it } from "vitest";
import { entryPlace } from "../../../src/config/entry-place.js";
import { agentAt } from "../../../src/domain/agents/agent.js";
import { createProject } from "./temp-project.js";

it("knows of each agent which overlays hold for it, and where each brings what", async () => {
  const project = await createProject();
  await project.write("devkit.toml", '[project]\noverlays = ["one"]\n[container]\nmounts = ["a:/a"]\n');
  await project.write(".devkit-overlays/one/overlay.toml", "[container]\ncpus = 1\n");
  await project.write(".devkit-overlays/two/overlay.toml", 'agent = 2\n[container]\nmounts = ["b:/b"]\n');
  const loaded = await project.load(["two", "one"], { positions: true });
  const placeIn = (index: number, mount: string) =>
    entryPlace(loaded.originsOf(agentAt(index)), "container.mounts", mount);
  expect(loaded.overlaysOf(agentAt(1))).toEqual(["one"]);
  expect(loaded.overlaysOf(agentAt(2))).toEqual(["one", "two"]);
  expect(placeIn(1, "a:/a")).toBe("devkit.toml:4:11");
  expect(placeIn(2, "b:/b")).toBe("overlay two (.devkit-overlays/two/overlay.toml:3:11)");
  expect(placeIn(1, "b:/b")).toBeUndefined();
});
