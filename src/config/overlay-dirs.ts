import path from "node:path";

export interface OverlayPlaces {
  /** The project's root. */
  readonly root: string;
  /** `$XDG_CONFIG_HOME`, or its default. */
  readonly configHome: string;
  /** The overlays that come with devkit. */
  readonly shippedDir: string;
}

/** Where overlays are looked for; the first directory that has one of a name wins. */
export function overlayDirs({ root, configHome, shippedDir }: OverlayPlaces): string[] {
  return [path.join(root, ".devkit-overlays"), path.join(configHome, "devkit", "overlays"), shippedDir];
}
