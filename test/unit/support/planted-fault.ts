import type { HealthStand } from "./health-stand.js";

type Act = (stand: HealthStand) => unknown;

/** Something that is made wrong on purpose, and what doctor is to say and do about it. */
export interface PlantedFault {
  readonly check: string;
  readonly fault: string;
  readonly plant: Act;
  readonly found: RegExp;
  /** What the user is told to type; undefined: the error itself says what to do. */
  readonly fix: RegExp | undefined;
  readonly verdict?: "warning" | "failed";
  /** What `doctor --fix` says that it does; undefined: only the user can, by what `undo` does. */
  readonly action?: RegExp;
  readonly undo?: Act;
}
