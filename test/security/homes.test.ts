import { execa } from "execa";
import { randomBytes } from "node:crypto";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { createAttack, type Attack } from "./hostile-agent.js";

const AGENTS = [1, 2, 3] as const;
const RUN = randomBytes(6).toString("hex");
/** What is planted, by agent and place. No argument of a search is one itself. */
const marker = (index: number, place: string) => `zq${RUN}-${String(index)}-${place}`;
const PATTERN = `zq${RUN}-[0-9]-[a-z]+`;
const PLACES = [
  "key",
  "token",
  "credentials",
  "session",
  "worktree",
  "git",
  "tmp",
  "shm",
  "environ",
  "argv",
] as const;

/** Everything an agent has to itself, as its tools would leave it. */
function plant(index: number): string {
  const of = (place: (typeof PLACES)[number]) => marker(index, place);
  return `
set -e
mkdir -p ~/.codex/sessions/2026/01/02 ~/.claude/projects/-workspace
printf -- '-----BEGIN OPENSSH PRIVATE KEY-----\\n${of("key")}\\n' >~/.ssh/id_ed25519
echo '{"tokens":{"refresh_token":"${of("token")}"}}' >~/.codex/auth.json
echo '{"claudeAiOauth":"${of("credentials")}"}' >~/.claude/.credentials.json
echo '{"text":"${of("session")}"}' >~/.codex/sessions/2026/01/02/rollout-x.jsonl
cp ~/.codex/sessions/2026/01/02/rollout-x.jsonl ~/.claude/projects/-workspace/x.jsonl
echo '${of("worktree")}' >/workspace/notes.txt
echo '${of("git")}' >/devkit/git/devkit-note
echo '${of("tmp")}' >/tmp/note
echo '${of("shm")}' >/dev/shm/note
PLANTED=${of("environ")} setsid sleep 600 >/dev/null 2>&1 </dev/null &
setsid bash -c 'sleep 600; :' ${of("argv")} >/dev/null 2>&1 </dev/null &
`;
}

/**
 * Every mount, every path below it that can be read, every process that is seen. Of the kernel's own file systems what
 * is not about processes: devices without end are left out.
 */
const SEARCH = `
export LC_ALL=C
{
  while read -r _ _ _ _ at _; do
    case "$at" in
      /proc|/proc/*|/sys|/sys/*|/dev|/dev/pts) continue ;;
      *) grep -raohsE -D skip --exclude-dir=proc --exclude-dir=sys --exclude-dir=dev '${PATTERN}' "$(printf '%b' "$at")" ;;
    esac
  done </proc/self/mountinfo
  cat /proc/[0-9]*/environ /proc/[0-9]*/cmdline /proc/self/mountinfo 2>/dev/null | tr '\\0' '\\n' | grep -aohE '${PATTERN}'
  for pid in /proc/[0-9]*; do grep -raohsE -D skip '${PATTERN}' "$pid"/cwd/ "$pid"/root/tmp "$pid"/root/home 2>/dev/null; done
} | sort -u
true
`;

let box: Attack;
let found: ReadonlyMap<number, string>;

beforeAll(async () => {
  box = await createAttack(AGENTS.length);
  for (const index of AGENTS) expect(await box.inside(index, plant(index))).toMatchObject({ exitCode: 0 });
  const seen = AGENTS.map(async (index) => [index, (await box.asAgent(index, SEARCH)).stdout] as const);
  found = new Map(await Promise.all(seen));
});

afterAll(() => box.remove());

const own = (index: number) =>
  PLACES.map((place) => marker(index, place))
    .sort()
    .join("\n");

describe("each agent", () => {
  test.each(AGENTS)("agent %i finds everything of its own and nothing of another", (index) => {
    expect(found.get(index)).toBe(own(index));
  });
});

test("the search would see another's home, if it were mounted", async () => {
  const home = path.join(path.dirname(await box.state()), "agent-2/home");
  const [first] = await box.containers();
  const image = (await execa("docker", ["inspect", "-f", "{{.Image}}", first?.id ?? ""])).stdout;
  const mount = `type=bind,source=${home},target=/mnt,readonly`;
  const flags = ["--rm", "-i", "--network", "none", "--mount", mount, "--entrypoint", "bash"];
  const { stdout } = await execa("docker", ["run", ...flags, image], { input: SEARCH });
  expect(stdout.split("\n")).toEqual(
    ["credentials", "key", "session", "token"].map((place) => marker(2, place)),
  );
});

describe("nothing of them is", () => {
  const planted = new RegExp(PATTERN);

  test("on the engine: containers, labels, images, logs", async () => {
    const listed = await execa("docker", ["ps", "-aq", "--filter", `label=dev.devkit.root=${box.repo}`]);
    const ids = listed.stdout.split("\n");
    expect(ids.length).toBeGreaterThan(AGENTS.length);
    const images = (await execa("docker", ["inspect", "-f", "{{.Image}}", ...ids])).stdout.split("\n");
    const asked = [
      ["inspect", ...ids],
      ["image", "inspect", ...new Set(images)],
      ...[...new Set(images)].map((image) => ["history", "--no-trunc", image]),
      ...ids.map((id) => ["logs", id]),
      ["network", "ls", "--no-trunc"],
    ];
    for (const args of asked) {
      const { stdout, stderr } = await execa("docker", args);
      expect(stdout + stderr, args.join(" ")).not.toMatch(planted);
    }
  });

  test("in what devkit keeps beside homes, worktrees and private git dirs", async () => {
    const state = path.dirname(path.dirname(path.dirname(await box.state())));
    const places = [
      state,
      path.join(box.repo, ".git"),
      path.join(box.repo, ".devkit"),
      path.join(box.dir, "home"),
    ];
    const search = ["-raloE", planted.source, ...places];
    const { stdout } = await execa("grep", search, { reject: false });
    const files = stdout.split("\n");
    // It looked where it was meant to.
    expect(files).toContain(path.join(await box.state(), "home/.codex/auth.json"));
    const theirs = new RegExp(
      `/agents/agent-\\d/(home|git)/|^${box.repo}/\\.devkit/agents/agent-\\d/notes\\.txt$`,
    );
    expect(files.filter((file) => !theirs.test(file))).toEqual([]);
  });

  test.each([
    "agent list",
    "agent status",
    "agent home show 1",
    "doctor",
    "config show",
    "agent up 3",
    "agent home reset 3 --keep-auth --force",
    "agent restore",
  ])("in what `devkit %s` says", async (line) => {
    const { stdout, stderr, exitCode } = await box.devkit("-v", "--json", ...line.split(" "));
    expect(exitCode).toBe(0);
    expect(stdout + stderr).not.toMatch(planted);
  });
});
