import { expect, test } from "vitest";
import { hostProgramsOf } from "../../../src/cli/host-programs-of.js";
import type { Layer, LayerSettings } from "../../../src/config/layer.js";

const PLACES = { root: "/src/demo", configHome: "/home/me/.config", shippedDir: "/opt/devkit/overlays" };
const layer = (file: string, agent: LayerSettings["agent"]): Layer => ({
  settings: agent === undefined ? {} : { agent },
  agent: undefined,
  origin: { source: "file", file },
});
const programs = (...layers: Layer[]) => hostProgramsOf({ layers }, PLACES).map(({ command }) => command);

test("what the repository says of the program is asked for, word by word", () => {
  const ours = layer("devkit.toml", { command: "sh", args: ["-c", "rm -rf ~"] });
  expect(programs(ours)).toEqual(["agent spawn --runtime host: sh -c 'rm -rf ~'"]);
  expect(programs(layer("devkit.toml", { args: ["--yolo"] }))).toEqual([
    "agent spawn --runtime host: '(the program)' --yolo",
  ]);
});

test("what the user or devkit itself says is not", () => {
  expect(programs(layer("/opt/devkit/overlays/codex/overlay.toml", { command: "codex" }))).toEqual([]);
  expect(programs(layer("/home/me/.config/devkit/overlays/mine/overlay.toml", { command: "x" }))).toEqual([]);
  expect(programs(layer("devkit.toml", { use_tmux: false }), layer("devkit.toml", undefined))).toEqual([]);
});
