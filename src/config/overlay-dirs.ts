import path from "node:path";

export interface OverlayPlaces {
  /** The project's root. */
  readonly root: string;
  /** `$XDG_CONFIG_HOME`, or its default. */
  readonly configHome: string;
  /** The overlays that come with devkit. */
  readonly shippedDir: string;
}

/** Whose overlays they are, in the order of `overlayDirs`. */
export const OVERLAY_SOURCES = ["repository", "user", "shipped"] as const;

export type OverlaySource = (typeof OVERLAY_SOURCES)[number];

/** Where overlays are looked for; the first directory that has one of a name wins. */
export function overlayDirs({ root, configHome, shippedDir }: OverlayPlaces): string[] {
  return [ownOverlaysDir(root), path.join(configHome, "devkit", "overlays"), shippedDir];
}

/** The repository's own overlays; those named for an agent are in force without being asked for. */
export function ownOverlaysDir(root: string): string {
  return path.join(root, ".devkit-overlays");
}
