import type { SettingPath } from "../locate.js";
import type { EffectiveName } from "./properties.js";
import { readCommand, readPostAttach, readWaitFor } from "./read-commands.js";
import { readContainerEnv, readRemoteEnv } from "./read-env.js";
import * as image from "./read-image.js";
import { readRequiredCpus, readRequiredMemory, readRequiredStorage } from "./read-limits.js";
import { readMounts } from "./read-mounts.js";
import { readAppPort, readForwardPorts } from "./read-ports.js";
import { readRunArgs } from "./read-run-args.js";
import { readFixed, readOverrideCommand, readUser } from "./read-user.js";
import { readWorkspaceFolder, readWorkspaceMount } from "./read-workspace.js";
import type { Reading } from "./reading.js";

type Reader = (value: unknown, at: SettingPath, reading: Reading) => void;

/** How each property with an effect is read, in the order in which they are: later ones win, commands add up. */
export const READERS: Readonly<Record<EffectiveName, Reader>> = {
  image: image.readImage,
  dockerFile: image.readDockerfile,
  context: image.readContext,
  "build.dockerfile": image.readDockerfile,
  "build.context": image.readContext,
  "build.args": image.readBuildArgs,
  "build.target": image.readTarget,
  features: image.readFeatures,
  overrideFeatureInstallOrder: image.readFeatureOrder,
  runArgs: readRunArgs,
  containerEnv: readContainerEnv,
  remoteEnv: readRemoteEnv,
  mounts: readMounts,
  workspaceMount: readWorkspaceMount,
  workspaceFolder: readWorkspaceFolder,
  remoteUser: readUser,
  containerUser: readUser,
  updateRemoteUserUID: readFixed(true, "the user always has your uid and gid"),
  init: readFixed(true, "agents always have an init process"),
  overrideCommand: readOverrideCommand,
  "hostRequirements.cpus": readRequiredCpus,
  "hostRequirements.memory": readRequiredMemory,
  "hostRequirements.storage": readRequiredStorage,
  initializeCommand: readCommand("host"),
  onCreateCommand: readCommand("on_create"),
  updateContentCommand: readCommand("on_create"),
  postCreateCommand: readCommand("on_create"),
  postStartCommand: readCommand("on_start"),
  postAttachCommand: readPostAttach,
  waitFor: readWaitFor,
  forwardPorts: readForwardPorts,
  appPort: readAppPort,
};
