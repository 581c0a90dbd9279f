import { isWithin, type MountSpec } from "../custody/mounts.js";
import { CONTAINER } from "../identity/names.js";
import type { MountProblem } from "./mount-problem.js";

/** Where nothing is mounted, nor below. */
const SYSTEM = ["/proc", "/sys", "/dev", "/etc", "/bin", "/sbin", "/lib", "/lib64", "/devkit"];
/** The engine mounts something of its own there. */
const TEMPORARY = ["/tmp", "/run", "/var/tmp"];
/** What decides who an agent is; devkit and the agent write them. */
const IDENTITY = [".ssh", ".gitconfig", ".gitconfig.devkit"].map((name) => `${CONTAINER.home}/${name}`);

/** Why nothing may be mounted there; `own`: what devkit itself mounts. */
export function targetProblem(target: string, own: readonly MountSpec[]): MountProblem | undefined {
  const hint = `mount it somewhere else, such as /mnt/data or ${CONTAINER.workspace}/data`;
  const system = SYSTEM.find((place) => isWithin(target, place));
  if (system !== undefined) return { reason: `agents have ${system} as devkit makes it`, hint };
  if (TEMPORARY.includes(target)) return { reason: `${target} is a temporary directory of the agent`, hint };
  const identity = IDENTITY.find((place) => isWithin(target, place));
  if (identity !== undefined) return { reason: `${identity} is the agent's own identity`, hint };
  const hidden = own.find(({ containerPath }) => isWithin(containerPath, target));
  if (hidden !== undefined) {
    return { reason: `it would hide ${hidden.containerPath}, which devkit mounts itself`, hint };
  }
  const open: readonly string[] = [CONTAINER.workspace, CONTAINER.home];
  const around = own.find(
    ({ containerPath }) => !open.includes(containerPath) && isWithin(target, containerPath),
  );
  return around && { reason: `it lies in ${around.containerPath}, which devkit mounts itself`, hint };
}
