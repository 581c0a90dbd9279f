/** What is known of an image that devkit built. */
export interface ImageFacts {
  readonly isStage: boolean;
  /** Whose containers are made from it, each as people would say it. */
  readonly users: readonly string[];
  /** The settings of this project ask for it. */
  readonly wanted: boolean;
  /** Images built on it that stay, by name. */
  readonly above: readonly string[];
  readonly ageMs: number;
  /** Asked for by name. */
  readonly named: boolean;
}

export interface ImageVerdict {
  readonly removable: boolean;
  /** Completes "it …". */
  readonly reason: string;
}

/** Long enough for whoever builds at this moment to make a container of what was built. */
const TOO_YOUNG_MS = 3_600_000;

/** Whether an image may go. Other projects' settings are not known: what nothing was made from they build again. */
export function judgeImage({ isStage, users, wanted, above, ageMs, named }: ImageFacts): ImageVerdict {
  const keep = (reason: string): ImageVerdict => ({ removable: false, reason });
  if (users.length > 0) return keep(`is used by ${users.join(", ")}`);
  if (wanted) return keep("is what the settings of this project ask for");
  if (above.length > 0) return keep(`is what ${above.join(", ")} is built on`);
  if (ageMs < TOO_YOUNG_MS && !named) return keep("was built less than an hour ago");
  const reason = isStage ? "is what a build left; the next one makes it again" : "is used by no container";
  return { removable: true, reason };
}
