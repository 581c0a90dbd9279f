import { CACHES_DIR, PROJECT } from "../../support/things.js";
import { agentAt } from "../../../../src/domain/agents/agent.js";
import { DevkitError } from "../../../../src/base/errors.js";
import { agentPaths } from "../../../../src/domain/identity/project.js";
import type { PlantedFault } from "../../support/planted-fault.js";

const GIB = 1024 ** 3;
const engineDown = (code: "E_ENGINE_UNAVAILABLE" | "E_ENGINE_PERMISSION", hint: string) =>
  new DevkitError(code, "no engine for us", { hint });
const never = () => new Promise<never>(() => undefined);

/** What machine, engine and settings can lack. */
export const MACHINE_FAULTS: readonly PlantedFault[] = [
  {
    check: "git",
    fault: "git is too old",
    plant: ({ needs }) => (needs.gitVersion = () => Promise.resolve("2.35.9")),
    found: /2\.35\.9 is older than 2\.36/,
    fix: /^sudo apt-get install git$/,
    undo: ({ needs }) => delete needs.gitVersion,
  },
  {
    check: "git",
    fault: "there is no git",
    plant: ({ needs }) => (needs.gitVersion = () => Promise.resolve("not installed")),
    found: /git is not installed/,
    fix: /^sudo apt-get install git$/,
    undo: ({ needs }) => delete needs.gitVersion,
  },
  {
    check: "node",
    fault: "node is too old",
    plant: ({ machine }) => (machine.nodeVersion = "18.20.4"),
    found: /18\.20\.4 is older than 20\.19/,
    fix: /nvm install 22/,
    undo: ({ machine }) => (machine.nodeVersion = "22.0.0"),
  },
  {
    check: "engine",
    fault: "none answers",
    plant({ engine }) {
      engine.info = () => Promise.reject(engineDown("E_ENGINE_UNAVAILABLE", "start it"));
    },
    found: /no engine for us/,
    fix: /^start it$/,
    undo: ({ engine }) => delete engine.info,
  },
  {
    check: "engine",
    fault: "its socket is somebody else's",
    plant({ engine }) {
      engine.info = () => Promise.reject(engineDown("E_ENGINE_PERMISSION", "sudo usermod -aG docker $USER"));
    },
    found: /no engine for us/,
    fix: /usermod/,
    undo: ({ engine }) => delete engine.info,
  },
  {
    check: "engine",
    fault: "it answers nothing",
    plant: ({ engine }) => (engine.info = never),
    found: /does not answer/,
    fix: /^restart it: sudo systemctl restart docker/,
    undo: ({ engine }) => delete engine.info,
  },
  {
    check: "engine",
    fault: "it is too old",
    async plant({ engine, world }) {
      const info = await world.engine.info();
      engine.info = () => Promise.resolve({ ...info, apiVersion: "1.40" });
    },
    found: /API 1\.40 is older than 1\.41/,
    fix: /install docker\.io/,
    undo: ({ engine }) => delete engine.info,
  },
  {
    check: "repository",
    fault: "the directory is in none",
    plant({ needs }) {
      const error = new DevkitError("E_NOT_A_REPOSITORY", "no repository", { hint: "git init" });
      needs.spawning = () => Promise.reject(error);
    },
    found: /no repository/,
    fix: /^git init$/,
    undo: ({ needs }) => delete needs.spawning,
  },
  {
    check: "configuration",
    fault: "agents start at a commit that is not there",
    plant(stand) {
      const { settings } = stand;
      stand.settings = { ...settings, project: { ...settings.project, base: "no-such-branch" } };
    },
    found: /"no-such-branch" is not a commit/,
    fix: undefined,
    undo(stand) {
      const { settings } = stand;
      stand.settings = { ...settings, project: { ...settings.project, base: "HEAD" } };
    },
  },
  {
    check: "image",
    fault: "the agents' image is not built",
    plant({ world: { engine } }) {
      for (const name of [...engine.images.keys()])
        if (name.startsWith("devkit-agent:")) engine.images.delete(name);
    },
    found: /devkit-agent:.* is not built yet/,
    fix: /^devkit image build$/,
    action: /build the images/,
  },
  {
    check: "identity",
    fault: "nobody has said who commits",
    plant: ({ world }) => (world.git.config.length = 0),
    found: /user\.name or user\.email is not set/,
    fix: /^git config --global user\.name/,
    undo({ world }) {
      world.git.config.push({ key: "user.name", value: "T" }, { key: "user.email", value: "t@e" });
    },
  },
  {
    check: "permissions",
    fault: "the caches are root's",
    plant: ({ machine }) => machine.access.set(CACHES_DIR, { uid: 0, mode: 0o755, isWritable: false }),
    found: /caches cannot be written \(uid 0\)/,
    fix: /^sudo chown -R 1000:1000 \/cache\/devkit\/caches$/,
    undo: ({ machine }) => machine.access.delete(CACHES_DIR),
  },
  {
    check: "permissions",
    fault: "the user has closed the repository to themselves",
    plant: ({ machine }) =>
      void machine.access.set(PROJECT.root, { uid: 1000, mode: 0o500, isWritable: false }),
    found: /\/src\/demo cannot be written \(mode 500\)/,
    fix: /^chmod u\+rwx \/src\/demo$/,
    undo: ({ machine }) => machine.access.delete(PROJECT.root),
  },
  {
    check: "permissions",
    fault: "homes lie open",
    plant: ({ machine }) =>
      void machine.access.set(PROJECT.stateDir, { uid: 1000, mode: 0o755, isWritable: true }),
    found: /is open to other users \(mode 755\)/,
    fix: /^chmod 700 /,
    action: /^close /,
  },
  {
    check: "disk",
    fault: "there is little left",
    plant: (stand) => (stand.needs.host = { ...stand.world.host, freeBytes: () => Promise.resolve(GIB) }),
    found: /1\.0 GiB free/,
    fix: /devkit prune$/,
    undo: ({ needs }) => delete needs.host,
  },
  {
    check: "disk",
    fault: "it is full",
    plant: (stand) => (stand.needs.host = { ...stand.world.host, freeBytes: () => Promise.resolve(0) }),
    found: /free for worktrees/,
    fix: /devkit prune$/,
    verdict: "failed",
    undo: ({ needs }) => delete needs.host,
  },
  {
    check: "memory",
    fault: "less is left than an agent may use",
    plant: (stand) =>
      (stand.needs.host = { ...stand.world.host, availableMemory: () => Promise.resolve(GIB / 4) }),
    found: /256 MiB left/,
    fix: /devkit agent down/,
    undo: ({ needs }) => delete needs.host,
  },
  {
    check: "clock",
    fault: "it is far from the engine's",
    plant: ({ machine }) => (machine.aheadMs = 3_600_000),
    found: /differ by 3600 s/,
    fix: /^sudo timedatectl set-ntp true$/,
    undo: ({ machine }) => (machine.aheadMs = 0),
  },
  {
    check: "clock",
    fault: "it says 1970",
    plant: ({ machine }) => (machine.aheadMs = -Date.now()),
    found: /it is set to 1970/,
    fix: /timedatectl/,
    verdict: "failed",
    undo: ({ machine }) => (machine.aheadMs = 0),
  },
  {
    check: "ssh",
    fault: "an agent is to have the user's ssh agent, and there is none",
    plant: ({ ssh }) => ssh.forwards.set(agentPaths(PROJECT, agentAt(1)).state, true),
    found: /agent-1: no ssh agent answers/,
    fix: /ssh-add$/,
    undo: ({ ssh }) => ssh.forwards.clear(),
  },
  {
    check: "logins",
    fault: "their registry cannot be read",
    plant(stand) {
      const error = new DevkitError("E_LOGIN_REGISTRY", "not JSON", { hint: "mv it away" });
      stand.deps = { logins: { ...stand.world.logins, load: () => Promise.reject(error) } };
    },
    found: /not JSON/,
    fix: /^mv it away$/,
    undo: (stand) => (stand.deps = {}),
  },
];
