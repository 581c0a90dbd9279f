import * as v from "valibot";
import type {
  ContainerSettings,
  CustodySettings,
  EgressSettings,
  ImageSettings,
  ProjectSettings,
  WorkspaceSettings,
  WorktreeSettings,
} from "../domain/settings/settings.js";
import { PROFILES } from "../domain/settings/profiles.js";
import { isBranchPrefix } from "../domain/worktrees/branch.js";
import { LAYOUTS } from "../domain/worktrees/layout.js";
import { OVERLAY_NAME } from "./find.js";
import { allowEntry, plainName, pool } from "./egress-schemas.js";
import {
  accepted,
  environment,
  line,
  listOf,
  matching,
  numberFrom,
  oneOf,
  size,
  wholeNumber,
} from "./value-schemas.js";

/** apt reads a trailing minus as "remove". */
const PACKAGE = /^[a-z0-9][a-z0-9+.-]*[a-z0-9+.]$/;
const IMAGE = /^[A-Za-z0-9][\w.:/@-]*$/;
/** A leading minus would be an option to git. */
const REVISION = /^[^\p{Cc}\s-]\P{Cc}*$/u;
/** The kernel's own limit on process ids. */
const MAX_PIDS = 4_194_304;

const imageName = matching(IMAGE, 'the name of an image, such as "debian:bookworm-slim"');
const packageName = matching(PACKAGE, 'a Debian package name, such as "python3" (lower case, digits, + - .)');
const overlayName = matching(OVERLAY_NAME, "an overlay's name: lower case, digits, - and _, never a path");

const project = {
  overlays: v.exactOptional(listOf(overlayName, 'a list of overlay names, such as ["small"]')),
  base: v.exactOptional(matching(REVISION, 'a revision, such as "HEAD" or "origin/main"')),
  profiles: v.exactOptional(listOf(oneOf(PROFILES), 'a list of profiles, such as ["hardened"]')),
} satisfies Record<keyof ProjectSettings, unknown>;

const worktrees = {
  layout: v.exactOptional(oneOf(LAYOUTS)),
  branch_prefix: v.exactOptional(
    accepted(
      isBranchPrefix,
      'the start of a branch\'s name, such as "agent" or "team/bot-", not below "agent/"',
    ),
  ),
} satisfies Record<keyof WorktreeSettings, unknown>;

const image = {
  base: v.exactOptional(imageName),
  packages: v.exactOptional(listOf(packageName, 'a list of Debian packages, such as ["python3"]')),
  use: v.exactOptional(imageName),
} satisfies Record<keyof ImageSettings, unknown>;

const container = {
  memory: v.exactOptional(size("64m")),
  // Docker takes less than 0.01 for no limit at all.
  cpus: v.exactOptional(numberFrom(0.01)),
  pids: v.exactOptional(wholeNumber(16, MAX_PIDS)),
  tmp: v.exactOptional(size("1m")),
  env: v.exactOptional(environment()),
} satisfies Record<keyof ContainerSettings, unknown>;

const egress = {
  allow: v.exactOptional(listOf(allowEntry(), 'a list of names, such as ["github.com", "preset:npm"]')),
  private: v.exactOptional(listOf(plainName(), 'a list of names, such as ["mirror.example.com"]')),
  pool: v.exactOptional(pool()),
} satisfies Record<keyof EgressSettings, unknown>;

const custody = {
  gitlinks: v.exactOptional(oneOf(["refuse", "allow"])),
} satisfies Record<keyof CustodySettings, unknown>;

const workspace = {
  copy: v.exactOptional(
    listOf(line('a pattern as in .gitignore, such as ".env"'), 'a list of patterns, such as [".env"]'),
  ),
} satisfies Record<keyof WorkspaceSettings, unknown>;

/** Values of devkit.toml and of overlays. Which keys a file may have is the business of `shape.ts`. */
export const settingsSchema = v.object({
  project: v.exactOptional(v.object(project)),
  worktrees: v.exactOptional(v.object(worktrees)),
  image: v.exactOptional(v.object(image)),
  container: v.exactOptional(v.object(container)),
  egress: v.exactOptional(v.object(egress)),
  custody: v.exactOptional(v.object(custody)),
  workspace: v.exactOptional(v.object(workspace)),
  description: v.exactOptional(line("one line of text")),
});
