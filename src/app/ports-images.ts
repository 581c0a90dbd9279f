/** Images as the use-cases see them: what they are built from, and what the engine keeps. */

/** What an image of a user's own Dockerfile is built from. */
export interface OwnContext {
  /** The directory: absolute. */
  readonly dir: string;
  /** What of it goes into the build, directories too: relative paths, sorted. */
  readonly files: readonly string[];
  /** Files that the build gets besides: relative path → content. */
  readonly entries: ReadonlyMap<string, Buffer>;
  /** The Dockerfile: its path within the context, and its text. */
  readonly dockerfile: { readonly path: string; readonly text: string };
  /** Changes when, and only when, a path, a content or whether a file can be run changes. */
  readonly digest: string;
}

export interface OwnContextRequest {
  /** Absolute path. */
  readonly dockerfile: string;
  /** Absolute path; undefined: the Dockerfile's own directory. */
  readonly context: string | undefined;
}

/** An image that devkit built, as its label says. */
export interface BuiltImage {
  readonly id: string;
  /** `name:tag`, sorted; none: a stage of a build, or one that another has taken the tag from. */
  readonly references: readonly string[];
  /** `agent`, `egress`, `base` (of a user's Dockerfile) or a stage's name. */
  readonly kind: string;
  /** What it was built on; undefined where that was not recorded. */
  readonly base: string | undefined;
  /** With all that it shares with other images. */
  readonly sizeBytes: number;
  readonly createdAt: Date;
}

/** A container of anyone's, running or not, and the image it was made from. */
export interface ImageUser {
  readonly imageId: string;
  readonly container: string;
  /** The agent, where it is one's. */
  readonly agentName: string | undefined;
  /** The primary's path, where it is one of devkit's. */
  readonly root: string | undefined;
}

/** The images that the engine keeps. Errors: those of the engine. */
export interface ImageStore {
  /** Those with our label, the newest first. */
  listImages(): Promise<BuiltImage[]>;
  listImageUsers(): Promise<ImageUser[]>;
  /** Removes an image with all its tags; false when something needs it. One that is gone is fine. */
  removeImage(image: Pick<BuiltImage, "id" | "references">): Promise<boolean>;
}
