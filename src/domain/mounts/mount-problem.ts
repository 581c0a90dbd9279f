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

/** E_MOUNT for the first, with all of them in the details; the others are the excerpt, to be corrected in one go. */
export function mountsRefused(refused: readonly [RefusedMount, ...RefusedMount[]]): DevkitError {
  const [first, ...others] = refused;
  const more = others.length === 0 ? "" : ` (and ${String(others.length)} more)`;
  const excerpt = others.map((other) => `${describeRefused(other)}\n  hint: ${other.hint}`).join("\n");
  return new DevkitError("E_MOUNT", `${describeRefused(first)}${more}`, {
    hint: first.hint,
    details: {
      mounts: refused.map(({ text, place: at, reason }) => ({ mount: text, at, reason })),
      ...(excerpt === "" ? {} : { excerpt }),
    },
  });
}

function describeRefused({ text, place, reason }: RefusedMount): string {
  return `${place === undefined ? "" : `${place}: `}the mount "${text}" is refused: ${reason}`;
}
