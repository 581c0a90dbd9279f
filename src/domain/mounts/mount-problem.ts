import { DevkitError } from "../../base/errors.js";

/** Why a mount is refused, and what to do about it. */
export interface MountProblem {
  readonly reason: string;
  readonly hint: string;
}

/** A mount that is refused. */
export interface RefusedMount extends MountProblem {
  /** As the settings have it. */
  readonly text: string;
  /** `devkit.toml:3:10`; undefined when it is not known. */
  readonly place: string | undefined;
}

/** E_MOUNT for the first, with all of them in the details. */
export function mountsRefused(refused: readonly [RefusedMount, ...RefusedMount[]]): DevkitError {
  const [first, ...others] = refused;
  const place = first.place === undefined ? "" : `${first.place}: `;
  const more = others.length === 0 ? "" : ` (and ${String(others.length)} more)`;
  return new DevkitError("E_MOUNT", `${place}the mount "${first.text}" is refused: ${first.reason}${more}`, {
    hint: first.hint,
    details: { mounts: refused.map(({ text, place: at, reason }) => ({ mount: text, at, reason })) },
  });
}
