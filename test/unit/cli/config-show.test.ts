import { expect, it } from "vitest";
import type { CommandResult } from "../../../src/cli/command.js";
import { configShow } from "../../../src/cli/commands/settings/config.js";
import { createProject } from "../config/temp-project.js";
import { PROJECT } from "../support/things.js";

const ENV = { MINE: "secret" };

async function shown(origin: boolean): Promise<string[]> {
  const project = await createProject();
  await project.write("devkit.toml", '[egress]\nallow = ["b.example.com"]\n[container]\npids = 99\n');
  await project.write("shipped/more/overlay.toml", 'egress.allow = ["a.example.com", "b.example.com"]\n');
  const deps = { host: { env: ENV }, configWithPositions: () => project.load(["more"], { positions: true }) };
  const result = (await configShow.run({ options: { origin }, deps } as never)) as CommandResult;
  return result
    .human()
    .split("\n")
    .map((line) => line.replaceAll(/ {2,}/g, "  ").trimEnd())
    .filter((line) => /^(egress\.allow|container\.pids|image\.packages) /.test(line));
}

it("with origins has a line for each entry of a list that layers add to", async () => {
  expect(await shown(true)).toEqual([
    "image.packages  []  default",
    "container.pids  99  devkit.toml:4:1",
    'egress.allow  "b.example.com"  devkit.toml:2:10',
    'egress.allow  "a.example.com"  overlay more (shipped/more/overlay.toml:1:17)',
  ]);
});

it("of one agent has what is for it alone", async () => {
  const project = await createProject();
  await project.write(".devkit-overlays/agent2/overlay.toml", "[container]\npids = 222\n");
  const deps = {
    host: { env: ENV },
    project: () => Promise.resolve(PROJECT),
    configWithPositions: () => project.load([], { positions: true }),
  };
  const show = async (agent: string | undefined) =>
    (await configShow.run({ options: { origin: true, agent }, deps } as never)) as CommandResult;
  const pidsOf = ({ human }: CommandResult) =>
    /container\.pids +(.*)/.exec(human())?.[1]?.replaceAll(/ +/g, " ");
  expect(pidsOf(await show(undefined))).toBe("512 default");
  expect(pidsOf(await show("1"))).toBe("512 default");
  for (const agent of ["2", "agent-2"]) {
    expect(pidsOf(await show(agent))).toBe("222 overlay agent2 (.devkit-overlays/agent2/overlay.toml:2:1)");
  }
  expect((await show("agent-2")).data).toMatchObject({ agent: 2 });
  await expect(show("two")).rejects.toMatchObject({
    code: "E_USAGE",
    exitCode: 2,
    hint: "for example: --agent 2",
  });
});

it("without them has one line for the list", async () => {
  expect(await shown(false)).toEqual([
    "image.packages  []",
    "container.pids  99",
    'egress.allow  ["b.example.com", "a.example.com"]',
  ]);
});

it("says of variables whether the user has them, and nothing more", async () => {
  const project = await createProject();
  await project.write("devkit.toml", '[agent]\npass_env = ["MINE", "NOT_MINE"]\n');
  const deps = { host: { env: ENV }, configWithPositions: () => project.load([], { positions: true }) };
  for (const origin of [true, false]) {
    const { data, human } = (await configShow.run({ options: { origin }, deps } as never)) as CommandResult;
    expect(human()).toMatch(/agent\.pass_env +\[?"MINE" \(set\)[^]*"NOT_MINE" \(unset\)/);
    expect(data).toMatchObject({
      passEnv: [
        { name: "MINE", set: true },
        { name: "NOT_MINE", set: false },
      ],
    });
    expect(human() + JSON.stringify(data)).not.toContain("secret");
  }
});
