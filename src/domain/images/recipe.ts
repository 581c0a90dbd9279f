import { createHash } from "node:crypto";
import type { ImageSettings } from "../settings/settings.js";

/** npm packages that bring Node and npm where the base image has none; the field's agents want a current Node. */
export const VENDORED_NODE = { node: "24.21.0", npm: "11.21.2" } as const;

/** The oldest Node of a base image that is left alone. */
export const OLDEST_NODE_MAJOR = 22;

export const AGENT_DOCKERFILE = "agent.Dockerfile";
export const EGRESS_DOCKERFILE = "egress.Dockerfile";
export const BROKER_DOCKERFILE = "broker.Dockerfile";

/** Everything that decides what the agent image contains. */
export interface ImageRecipe {
  readonly baseId: string;
  readonly packages: ImageSettings["packages"];
  readonly npm: ImageSettings["npm"];
  /** Files of the build context: relative path → content. */
  readonly files: ReadonlyMap<string, string>;
  /** PEM texts of extra certificate authorities. */
  readonly certificates: readonly string[];
}

/** A tag that changes when, and only when, an input changes: an unchanged image is not built again. */
export function imageTag(recipe: ImageRecipe): string {
  return `devkit-agent:${hashRecipe(recipe, recipe.packages, VENDORED_NODE, recipe.npm)}`;
}

type SharedRecipe = Omit<ImageRecipe, "packages" | "npm">;

/** The same for the image of the proxy and the name servers. */
export function egressTag(recipe: SharedRecipe): string {
  return `devkit-egress:${hashRecipe(recipe)}`;
}

/** The same for the image of the endpoint: `program` is all that it adds to its base and Node. */
export function brokerTag({ program, ...recipe }: SharedRecipe & { readonly program: string }): string {
  return `devkit-broker:${hashRecipe(recipe, VENDORED_NODE, program)}`;
}

/** What decides what a user's own Dockerfile is built to, but for what it downloads. */
export interface OwnRecipe extends Pick<ImageSettings, "args" | "target"> {
  /** The Dockerfile's text. */
  readonly dockerfile: string;
  /** Of the files it is built with. */
  readonly digest: string;
}

/** The same for the image of a user's own Dockerfile. */
export function ownBaseTag({ dockerfile, digest, args, target }: OwnRecipe): string {
  const sorted = Object.entries(args).sort(([a], [b]) => (a < b ? -1 : 1));
  return `devkit-base:${hashParts([dockerfile, digest, JSON.stringify(sorted), target ?? ""])}`;
}

function hashRecipe(recipe: SharedRecipe, ...more: readonly unknown[]): string {
  return hashParts([
    recipe.baseId,
    JSON.stringify([...recipe.files].sort(([a], [b]) => (a < b ? -1 : 1))),
    JSON.stringify([...recipe.certificates].sort()),
    ...more.map((one) => JSON.stringify(one)),
  ]);
}

function hashParts(parts: readonly string[]): string {
  const hash = createHash("sha256");
  for (const part of parts) hash.update(`${String(part.length)}:${part}`);
  return hash.digest("hex").slice(0, 12);
}

/** `[image] npm` with each package once, at the version that the last layer asks for, sorted. */
export function npmPackages(asked: ImageSettings["npm"]): string[] {
  const byName = new Map(asked.map((one) => [one.slice(0, one.lastIndexOf("@")), one]));
  return [...byName.values()].sort();
}

/** npm's name for the engine's architecture; undefined where devkit brings no Node. */
export function npmCpu(architecture: string): string | undefined {
  const names: Partial<Record<string, string>> = { amd64: "x64", arm64: "arm64" };
  return names[architecture];
}

/** Whether an image's environment says that it brings a Node new enough (the official Node images set NODE_VERSION). */
export function hasRecentNode(env: readonly string[]): boolean {
  const version = env.find((entry) => entry.startsWith("NODE_VERSION="))?.slice("NODE_VERSION=".length);
  return version !== undefined && Number.parseInt(version, 10) >= OLDEST_NODE_MAJOR;
}

/** The npm package of Node for the engine's architecture; undefined where none is published for it. */
export function nodePackage(architecture: string): string | undefined {
  const name = npmCpu(architecture);
  return name === undefined ? undefined : `node-linux-${name}@${VENDORED_NODE.node}`;
}
