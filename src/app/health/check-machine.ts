import { isDevkitError } from "../../base/errors.js";
import { shellWord } from "../../base/shell-word.js";
import { formatSize } from "../../base/sizes.js";
import { agentsDir } from "../../domain/identity/project.js";
import { isOlder } from "../../domain/health/is-older.js";
import { formatMode } from "../../domain/identity/home-modes.js";
import { failure, judged, ok, warning, type Fault, type Look, type Looking } from "./check.js";

const OLDEST_GIT = "2.36";
const OLDEST_NODE = "20.19";
const LOW_DISK_BYTES = 2 * 1024 ** 3;
/** Too little for git to make a commit with. */
const FULL_DISK_BYTES = 64 * 1024 ** 2;

export async function lookAtGit({ gitVersion }: Looking): Promise<Look> {
  const version = await gitVersion();
  const fix = "sudo apt-get install git";
  if (!/^\d/.test(version)) return judged(version, [failure(`git is ${version || "not installed"}`, fix)]);
  return isOlder(version, OLDEST_GIT)
    ? judged(version, [failure(`${version} is older than ${OLDEST_GIT}`, fix)])
    : ok(version);
}

export function lookAtNode({ machine: { nodeVersion } }: Looking): Promise<Look> {
  const found = `${nodeVersion} is older than ${OLDEST_NODE}`;
  return Promise.resolve(
    isOlder(nodeVersion, OLDEST_NODE)
      ? judged(nodeVersion, [failure(found, "nvm install 22 && nvm use 22")])
      : ok(nodeVersion),
  );
}

/** Whether this user can write where devkit has to, and nobody else can look where logins are. */
export async function lookAtPermissions({ project, machine, host }: Looking): Promise<Look> {
  const { project: found } = await project();
  const { root, devkitDir, stateDir, commonDir } = found;
  const places = [root, devkitDir, agentsDir(found), commonDir, stateDir, host.cachesDir];
  const faults: Fault[] = [];
  for (const place of places) {
    const access = await machine.findAccess(place);
    if (access === undefined || access.isWritable) continue;
    const owner =
      access.uid === host.user.uid ? `mode ${formatMode(access.mode)}` : `uid ${String(access.uid)}`;
    const fix =
      access.uid === host.user.uid
        ? `chmod u+rwx ${shellWord(place)}`
        : `sudo chown -R ${String(host.user.uid)}:${String(host.user.gid)} ${shellWord(place)}`;
    faults.push(failure(`${place} cannot be written (${owner})`, fix));
  }
  const access = await machine.findAccess(stateDir);
  if (access !== undefined && (access.mode & 0o077) !== 0) {
    const close = { action: `close ${stateDir}`, apply: () => machine.close(stateDir) };
    const text = `${stateDir} is open to other users (mode ${formatMode(access.mode)})`;
    faults.push(warning(text, `chmod 700 ${shellWord(stateDir)}`, close));
  }
  return judged("devkit can write where it has to", faults);
}

export async function lookAtDisk({ project, host }: Looking): Promise<Look> {
  const { project: found } = await project();
  const [repository, state] = await Promise.all([host.freeBytes(found.root), host.freeBytes(found.stateDir)]);
  const text = `${formatSize(repository)} free for worktrees, ${formatSize(state)} for homes`;
  const least = Math.min(repository, state);
  const fix = "df -h; devkit prune";
  if (least < FULL_DISK_BYTES) return judged(text, [failure(text, fix)]);
  return least < LOW_DISK_BYTES ? judged(text, [warning(text, fix)]) : ok(text);
}

export async function lookAtMemory({ host, settings }: Looking): Promise<Look> {
  const available = await host.availableMemory();
  if (available === undefined) return ok("nobody says how much is left");
  const { memory } = (await settings()).settings.container;
  const text = `${formatSize(available)} left; an agent may use ${formatSize(memory)}`;
  const fix = 'devkit agent down; or less for each, in devkit.toml: [container] memory = "2g"';
  return available < memory ? judged(text, [warning(text, fix)]) : ok(text);
}

/** Devkit's own leases and the engine's records are compared by it. */
const FAR_MS = 30_000;
/** Before this there was no devkit. */
const FIRST_YEAR = 2025;

export async function lookAtClock(looking: Looking): Promise<Look> {
  const { machine } = looking;
  const now = machine.now();
  const fix = "sudo timedatectl set-ntp true";
  const text = `${now.toISOString().slice(0, 19)}Z`;
  if (now.getUTCFullYear() < FIRST_YEAR) return judged(text, [failure(`it is set to ${text}`, fix)]);
  return judged(text, await compareWithEngine(looking, fix));
}

async function compareWithEngine({ machine, engineInfo }: Looking, fix: string): Promise<Fault[]> {
  const began = machine.now().getTime();
  const info = await engineInfo().catch((error: unknown) => {
    // The engine's own check tells of that.
    if (isDevkitError(error)) return undefined;
    throw error;
  });
  const theirs = Date.parse(info?.systemTime ?? "");
  const seconds = Math.round(Math.max(began - theirs, theirs - machine.now().getTime()) / 1000);
  if (Number.isNaN(theirs) || seconds * 1000 < FAR_MS) return [];
  return [warning(`the engine's clock and this one differ by ${String(seconds)} s`, fix)];
}
