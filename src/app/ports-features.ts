/** Features to build on an image. */
export interface FeatureBuild {
  /** What the new image is called. */
  readonly tag: string;
  /** The image they are built on; it must be there. */
  readonly base: string;
  /** By name or absolute path, with their options as JSON, in the order of their installation. */
  readonly features: Readonly<Record<string, string>>;
}

/** The reference implementation of the devcontainer specification. */
export interface FeatureBuilder {
  /** A hash of all files of a local feature. @throws DevkitError E_FILE */
  hashFolder(folder: string): Promise<string>;
  /** @throws DevkitError E_TOOL_MISSING, E_IMAGE_BUILD with the end of the log */
  build(build: FeatureBuild, signal: AbortSignal): Promise<void>;
}
