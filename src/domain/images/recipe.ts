import { createHash } from "node:crypto";
import type { ImageSettings } from "../settings/settings.js";

/** npm packages that bring Node and npm where the base image has none; the field's agents want a current Node. */
export const VENDORED_NODE = { node: "24.21.0", npm: "11.21.2" } as const;

/** The oldest Node of a base image that is left alone. */
export const OLDEST_NODE_MAJOR = 22;

export const AGENT_DOCKERFILE = "agent.Dockerfile";
export const EGRESS_DOCKERFILE = "egress.Dockerfile";

/** Everything that decides what the agent image contains. */
export interface ImageRecipe {
  readonly baseId: string;
  readonly packages: ImageSettings["packages"];
  /** Files of the build context: relative path → content. */
  readonly files: ReadonlyMap<string, string>;
  /** PEM texts of extra certificate authorities. */
  readonly certificates: readonly string[];
}

/** A tag that changes when, and only when, an input changes: an unchanged image is not built again. */
export function imageTag(recipe: ImageRecipe): string {
  return `devkit-agent:${hashRecipe(recipe, recipe.packages, VENDORED_NODE)}`;
}

/** The same for the image of the proxy and the name servers. */
export function egressTag(recipe: Omit<ImageRecipe, "packages">): string {
  return `devkit-egress:${hashRecipe(recipe)}`;
}

function hashRecipe(recipe: Omit<ImageRecipe, "packages">, ...more: readonly unknown[]): string {
  const hash = createHash("sha256");
  const parts = [
    recipe.baseId,
    JSON.stringify([...recipe.files].sort(([a], [b]) => (a < b ? -1 : 1))),
    JSON.stringify([...recipe.certificates].sort()),
    ...more.map((one) => JSON.stringify(one)),
  ];
  for (const part of parts) hash.update(`${String(part.length)}:${part}`);
  return hash.digest("hex").slice(0, 12);
}

/** Whether an image's environment says that it brings a Node new enough (the official Node images set NODE_VERSION). */
export function hasRecentNode(env: readonly string[]): boolean {
  const version = env.find((entry) => entry.startsWith("NODE_VERSION="))?.slice("NODE_VERSION=".length);
  return version !== undefined && Number.parseInt(version, 10) >= OLDEST_NODE_MAJOR;
}

/** npm's name for the engine's architecture; undefined where no Node package is published for it. */
export function nodePackage(architecture: string): string | undefined {
  const names: Partial<Record<string, string>> = { amd64: "x64", arm64: "arm64" };
  const name = names[architecture];
  return name === undefined ? undefined : `node-linux-${name}@${VENDORED_NODE.node}`;
}
