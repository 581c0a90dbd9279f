import { mkdir, writeFile } from "node:fs/promises";
import path from "node:path";
import { expect, test } from "vitest";
import { hostReachesOf } from "../../../src/cli/host-reaches-of.js";
import { loadConfig } from "../../../src/config/load.js";
import { overlayDirs } from "../../../src/config/overlay-dirs.js";
import { settingVariables } from "../../../src/config/setting-variables.js";
import { tempDir } from "../support/temp.js";

const ASKS = `[agent]
pass_env = ["OPENAI_API_KEY"]
notify = "bell $DEVKIT_AGENT"
[ssh]
known_hosts = ["ssh.github.com ssh-ed25519 AAAA", "ssh.example.com ssh-ed25519 AAAA"]
[codex]
pool = "/srv/logins"
config = "../../codex.toml"
[claude]
pool = "../../logins"
config = "~/.claude/settings.json"
[egress]
base = "theirs:latest"
[image]
base = "anything:1"
dockerfile = "/srv/Dockerfile"
[container]
mounts = ["/srv/data:/data:ro", "\${DEVKIT_ROOT}/fixtures:/fixtures:ro", "deps:/deps", "../agent2/app:/workspace"]
env_file = ["/srv/.env", "\${DEVKIT_ROOT}/.env"]
env = { TOKEN = "\${TOKEN}", LEVEL = "\${LEVEL:-info}", WHO = "\${USER}" }
`;
const REACHES = [
  "the mount /srv/data:/data:ro",
  "the variables in /srv/.env",
  "/srv/Dockerfile, to build with",
  "the image theirs:latest, to run egress on",
  "the host key ssh.github.com ssh-ed25519 AAAA",
  "the logins in /srv/logins",
  "the settings in /home/me/.claude/settings.json",
  "the command bell $DEVKIT_AGENT, run on this machine when agents change (agent list --watch)",
  "your variable TOKEN",
  "your variable OPENAI_API_KEY",
];

/** A project whose overlays are in the repository (`theirs`) and the user's own (`mine`). */
async function project() {
  const dir = await tempDir();
  const root = path.join(dir, "app");
  const places = { root, configHome: path.join(dir, "home"), shippedDir: path.join(dir, "devkit") };
  const dirs = overlayDirs(places);
  const [inRepo = "", own = ""] = dirs;
  const write = async (file: string, text: string) => {
    await mkdir(path.dirname(file), { recursive: true });
    await writeFile(file, text);
  };
  await write(path.join(inRepo, "theirs/overlay.toml"), ASKS);
  await write(path.join(inRepo, "agent2/overlay.toml"), '[container]\nmounts = ["/srv/two:/two:ro"]\n');
  await write(path.join(own, "mine/overlay.toml"), ASKS);
  const variables = settingVariables({ TOKEN: "t", USER: "me" }, root);
  const load = (...overlays: string[]) =>
    loadConfig({ root, overlays, overlayDirs: dirs, variables, home: "/home/me" });
  return { root, write, reaches: async (...names: string[]) => hostReachesOf(await load(...names), places) };
}

test("what the repository's files take from outside of it is named with its place, also for one agent", async () => {
  const { reaches } = await project();
  const asked = await reaches("theirs");
  expect(asked.map(({ what }) => what).sort()).toEqual([...REACHES, "the mount /srv/two:/two:ro"].sort());
  expect(asked.find(({ what }) => what === "your variable TOKEN")?.origin).toMatch(/theirs\/overlay\.toml/);
});

test("what the user's own overlays take needs nobody's approval", async () => {
  const { reaches } = await project();
  expect((await reaches("mine")).map(({ what }) => what)).toEqual(["the mount /srv/two:/two:ro"]);
});

test("devcontainer.json and Compose files count like any other file of the repository", async () => {
  const { root, write, reaches } = await project();
  const mounts = '"mounts": ["source=/srv/data,target=/data,type=bind,readonly"]';
  await write(
    path.join(root, ".devcontainer/devcontainer.json"),
    `{ "image": "x", ${mounts}, "containerEnv": { "T": "\${localEnv:TOKEN}" } }`,
  );
  const service = "services: { dev: { volumes: ['/srv/more:/more:ro'], environment: { T: '${TOKEN}' } } }";
  await write(path.join(root, ".devkit-overlays/compose/compose.override.yml"), service);
  const asked = (await reaches("devcontainer", "compose")).map(({ what }) => what);
  expect(asked).toContain("the mount /srv/data:/data:ro");
  expect(asked).toContain("the mount /srv/more:/more:ro");
  expect(asked.filter((what) => what === "your variable TOKEN")).toHaveLength(2);
});
