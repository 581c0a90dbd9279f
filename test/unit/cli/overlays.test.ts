import { readFile } from "node:fs/promises";
import path from "node:path";
import { expect, it } from "vitest";
import { projectDir } from "../../../src/adapters/fs/project-dir.js";
import type { CommandResult } from "../../../src/cli/command.js";
import { overlayCreate } from "../../../src/cli/commands/overlays/create.js";
import { overlayList } from "../../../src/cli/commands/overlays/list.js";
import { overlayShow } from "../../../src/cli/commands/overlays/show.js";
import { agentAt } from "../../../src/domain/agents/agent.js";
import { createProject, errorOf, type TempProject } from "../config/temp-project.js";

interface Ran {
  readonly result: CommandResult;
  readonly warnings: readonly string[];
}

async function run(
  command: typeof overlayList,
  project: TempProject,
  { args = [], options = {}, asked = [] }: { args?: string[]; options?: object; asked?: string[] } = {},
): Promise<Ran> {
  const warnings: string[] = [];
  const deps = {
    configRequest: () => Promise.resolve(project.request(asked)),
    config: () => project.load(asked),
    projectDeps: () => Promise.resolve({ project: { root: project.root }, state: projectDir }),
  };
  const reporter = { warn: (text: string) => warnings.push(text) };
  const result = await command.run({ args, options: { quiet: false, ...options }, deps, reporter } as never);
  return { result: result as CommandResult, warnings };
}

const lines = ({ result }: Ran) => result.human().replaceAll(/ {2,}/g, "  ").split("\n");

async function projectWithOverlays(): Promise<TempProject> {
  const project = await createProject();
  await project.write("devkit.toml", '[project]\noverlays = ["web"]\n');
  await project.write(
    ".devkit-overlays/web/overlay.toml",
    'description = "For the web"\nextends = ["base"]\n[container]\ncpus = 3\n[egress]\nallow = ["example.com"]\n',
  );
  await project.write(
    ".devkit-overlays/agent2/compose.override.yml",
    "services: { a: { pids_limit: 99 } }\n",
  );
  await project.write("shipped/base/overlay.toml", "container.cpus = 1\nimage.packages = ['jq']\n");
  await project.write("shipped/other/overlay.toml", "description = 'Not asked for'\n");
  return project;
}

it("overlay list says which there are, whose, and which are in force", async () => {
  const project = await projectWithOverlays();
  expect(lines(await run(overlayList, project))).toEqual([
    "OVERLAY  FROM  IN FORCE  WHAT",
    "agent2  repository  agent 2",
    "base  user  yes",
    "other  user  Not asked for",
    "web  repository  yes  For the web",
  ]);
  const { result } = await run(overlayList, project, { asked: ["other"], options: { quiet: true } });
  expect(result.human()).toBe("agent2\nbase\nother\nweb");
  expect(result.data).toMatchObject({
    overlays: [
      { name: "agent2", agent: 2, inForce: true },
      { name: "base", directory: path.join(project.root, "shipped/base"), from: "user", extends: [] },
      { name: "other", description: "Not asked for", inForce: true, problem: null },
      { name: "web", extends: ["base"] },
    ],
  });
});

it("overlay list shows the broken ones, also when they are in force", async () => {
  const project = await projectWithOverlays();
  await project.write("shipped/base/overlay.toml", "extends = ['web']\n");
  await project.write("shipped/other/overlay.toml", "cpus = 1\n");
  const ran = await run(overlayList, project);
  expect(lines(ran).slice(2)).toEqual([
    "base  user  broken: .devkit-overlays/web/overlay.toml:2:12: the overlay extends itself: base → web → base",
    expect.stringMatching(/^other {2}user {2}broken: shipped\/other\/overlay.toml:1:1: unknown key "cpus"/),
    "web  repository  broken: shipped/base/overlay.toml:1:12: the overlay extends itself: web → base → web",
  ]);
  expect(ran.warnings).toEqual([expect.stringMatching(/^what is in force is not known: shipped\/base/)]);
});

it("overlay show says what it sets, where, and with what it extends", async () => {
  const project = await projectWithOverlays();
  expect(lines(await run(overlayShow, project, { args: ["web"] }))).toEqual([
    "web: For the web",
    "extends base",
    `from ${project.root}/shipped/base/overlay.toml`,
    `from ${project.root}/.devkit-overlays/web/overlay.toml`,
    "",
    "SETTING  VALUE  ORIGIN",
    'image.packages  "jq"  overlay base (shipped/base/overlay.toml:2:19)',
    "container.cpus  3  overlay web (.devkit-overlays/web/overlay.toml:4:1)",
    'egress.allow  "example.com"  overlay web (.devkit-overlays/web/overlay.toml:6:10)',
  ]);
  expect(lines(await run(overlayShow, project, { args: ["agent2"] }))).toEqual([
    "agent2: no description",
    "for agent 2 alone",
    `from ${project.root}/.devkit-overlays/agent2/compose.override.yml`,
    "",
    "SETTING  VALUE  ORIGIN",
    "container.pids  99  overlay agent2 (.devkit-overlays/agent2/compose.override.yml:1:18)",
  ]);
  expect(lines(await run(overlayShow, project, { args: ["other"] })).at(-1)).toBe("It sets nothing.");
  const error = await errorOf(run(overlayShow, project, { args: ["wep"] }));
  expect(error).toMatchObject({
    code: "E_OVERLAY_UNKNOWN",
    hint: expect.stringContaining('did you mean "web"?') as string,
  });
});

it("overlay create says when another one of that name is no longer found", async () => {
  const project = await createProject();
  await project.write("shipped/small/overlay.toml", "");
  const { warnings } = await run(overlayCreate, project, { args: ["small"] });
  expect(warnings).toEqual([
    `it takes the place of ${project.root}/shipped/small, also where an overlay extends "small"`,
  ]);
  expect((await run(overlayCreate, project, { args: ["tools"] })).warnings).toEqual([]);
});

it("overlay create writes one to fill in, and nothing over another", async () => {
  const project = await createProject();
  const file = path.join(project.root, ".devkit-overlays/tools/overlay.toml");
  const { result } = await run(overlayCreate, project, { args: ["tools"] });
  expect(result.data).toEqual({ name: "tools", file, agent: null });
  expect(result.human()).toBe(`Wrote ${file}. Use it: devkit -p tools agent up 3`);
  const before = await project.load(["tools"]);
  expect(before.settings).toEqual((await project.load()).settings);
  // Every line that is commented out can be uncommented as it is.
  const text = await readFile(file, "utf8");
  await project.write("shipped/small/overlay.toml", "");
  await project.write(".devkit-overlays/tools/overlay.toml", text.replaceAll(/^#(?=[a-z])/gm, ""));
  expect((await project.load(["tools"])).settings.container).toMatchObject({
    env: { TZ: "UTC" },
    mounts: [`${path.dirname(project.root)}/data:/data:ro`],
  });
  const error = await errorOf(run(overlayCreate, project, { args: ["tools"] }));
  expect(error).toMatchObject({
    code: "E_WORK_IN_THE_WAY",
    exitCode: 5,
    message: `${file} is there already`,
    hint: "edit it, or look at it: devkit overlay show tools",
  });
  expect(await readFile(file, "utf8")).not.toBe(text);
});

it.each([
  [[], { agent: "agent-2" }],
  [[], { agent: "2" }],
  [["agent2"], {}],
])("overlay create for one agent is in force for that one: %j %j", async (args, options) => {
  const project = await createProject();
  const file = path.join(project.root, ".devkit-overlays/agent2/overlay.toml");
  const { result } = await run(overlayCreate, project, { args, options });
  expect(result.data).toEqual({ name: "agent2", file, agent: 2 });
  expect(result.human()).toBe(`Wrote ${file}. It is in force for agent 2.`);
  expect((await project.load()).layers).toMatchObject([{ agent: 2, origin: { overlay: "agent2" } }]);
  const text = await readFile(file, "utf8");
  await project.write(".devkit-overlays/agent2/overlay.toml", text.replaceAll(/^#(?=[a-z])/gm, ""));
  expect((await project.load()).settingsOf(agentAt(2)).container.env).toEqual({ TZ: "UTC" });
});

it.each([
  [[], {}, "an overlay has either a name or an agent it is for"],
  [["tools"], { agent: "2" }, "an overlay has either a name or an agent it is for"],
  [["../x"], {}, '"../x" is not an overlay\'s name: lower case, digits, - and _, never a path'],
  [[], { agent: "0" }, '"0" is not an agent\'s index or name'],
])("overlay create takes a name or an agent: %j %j", async (args, options, message) => {
  const error = await errorOf(run(overlayCreate, await createProject(), { args, options }));
  expect(error).toMatchObject({ code: "E_USAGE", exitCode: 2, message });
});
