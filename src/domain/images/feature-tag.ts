import { createHash } from "node:crypto";

/** What an image with features is made of. */
export interface FeatureInputs {
  /** The image's id that they are built on. */
  readonly baseId: string;
  /** With their options, in the order of their installation. */
  readonly features: Readonly<Record<string, string>>;
  /** Of the files of local ones, in the same order. */
  readonly folderHashes: readonly string[];
}

/** Its tag: the same for the same inputs; where a local feature lies on this machine is none of them. */
export function featureTag({ baseId, features, folderHashes }: FeatureInputs): string {
  let folders = 0;
  const inputs = Object.entries(features).map(([name, options]) => [
    name.startsWith("/") ? folderHashes[folders++] : name,
    options,
  ]);
  const text = JSON.stringify([baseId, inputs]);
  return `devkit-features:${createHash("sha256").update(text).digest("hex").slice(0, 12)}`;
}
