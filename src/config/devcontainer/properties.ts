/** yes: as the specification says; refused: an error, unless the file itself says to leave it out. */
export type Holds = "yes" | "differently" | "refused" | "meaningless";

export interface Property {
  readonly holds: Holds;
  /** For yes and differently what it becomes, for the others why. */
  readonly how: string;
}

const EDITOR = "it is for editors and what they show";
const NO_COMPOSE = "an agent is one container; services beside it are not brought up";

/**
 * Every property of the devcontainer specification, nested ones with a dot, and what devkit does with it. Readers and
 * docs/devcontainer.md are made from this table; a property that is not here is an error.
 */
export const PROPERTIES = {
  image: { holds: "yes", how: "image.base" },
  "build.dockerfile": { holds: "yes", how: "image.dockerfile, a path from this file" },
  "build.context": { holds: "yes", how: "image.context, a path from this file" },
  "build.args": { holds: "yes", how: "image.args" },
  "build.target": { holds: "yes", how: "image.target" },
  "build.cacheFrom": { holds: "meaningless", how: "the engine's own layers are the cache" },
  "build.options": {
    holds: "refused",
    how: "devkit builds through the engine's API, not with docker's command line",
  },
  dockerFile: { holds: "yes", how: "the old spelling of build.dockerfile" },
  context: { holds: "yes", how: "the old spelling of build.context" },
  features: {
    holds: "differently",
    how: "image.features, built by the program devcontainer (@devcontainers/cli); what they ask for at run time is left out, with a warning",
  },
  overrideFeatureInstallOrder: { holds: "yes", how: "the order of image.features" },
  dockerComposeFile: { holds: "refused", how: NO_COMPOSE },
  service: { holds: "refused", how: NO_COMPOSE },
  runServices: { holds: "refused", how: NO_COMPOSE },
  containerEnv: { holds: "yes", how: "container.env" },
  remoteEnv: {
    holds: "differently",
    how: "container.env: all of the container has it; null takes a name of containerEnv back",
  },
  mounts: {
    holds: "differently",
    how: "container.mounts, with their rules; a volume is each agent's own; no tmpfs",
  },
  workspaceMount: {
    holds: "differently",
    how: "container.workspace_at: there, too, is the agent's own worktree, never another directory",
  },
  workspaceFolder: { holds: "yes", how: "container.workdir" },
  remoteUser: {
    holds: "differently",
    how: "commands run as you, with a HOME of the agent's own, so that files never change owner",
  },
  containerUser: { holds: "differently", how: "like remoteUser" },
  updateRemoteUserUID: { holds: "differently", how: "the user always has your uid and gid" },
  init: { holds: "differently", how: "always on" },
  overrideCommand: {
    holds: "differently",
    how: "always true; container.command sets another main process",
  },
  privileged: { holds: "refused", how: "an agent with the rights of the machine's root is not contained" },
  capAdd: { holds: "refused", how: "agents have no capabilities, so that they stay contained" },
  securityOpt: {
    holds: "refused",
    how: "agents keep the engine's seccomp profile and no-new-privileges, so that they stay contained",
  },
  runArgs: {
    holds: "differently",
    how: "memory, cpus, pids, variables, mounts, workdir and ports; any other argument is refused",
  },
  "hostRequirements.cpus": {
    holds: "differently",
    how: "container.cpus of each agent is at least that; the machine is not asked",
  },
  "hostRequirements.memory": {
    holds: "differently",
    how: "container.memory of each agent is at least that; the machine is not asked",
  },
  "hostRequirements.storage": { holds: "differently", how: "named by config check, not tested" },
  "hostRequirements.gpu": { holds: "refused", how: "agents get no devices" },
  initializeCommand: {
    holds: "differently",
    how: "hooks.host: on this machine, once devkit trust has approved it",
  },
  onCreateCommand: { holds: "yes", how: "hooks.on_create, the first" },
  updateContentCommand: { holds: "yes", how: "hooks.on_create, the second" },
  postCreateCommand: { holds: "yes", how: "hooks.on_create, the third" },
  postStartCommand: { holds: "yes", how: "hooks.on_start" },
  postAttachCommand: {
    holds: "differently",
    how: "not run, since nobody attaches to an agent; config check says so",
  },
  waitFor: { holds: "differently", how: "agent up waits for all of these commands" },
  forwardPorts: {
    holds: "differently",
    how: "ports.publish: on 127.0.0.1, at a port of each agent's own; not those of other hosts",
  },
  appPort: { holds: "differently", how: "like forwardPorts; a port of the host in it is not promised" },
  userEnvProbe: { holds: "meaningless", how: "commands get the container's variables, not a login shell's" },
  shutdownAction: { holds: "meaningless", how: "agents run until devkit agent down" },
  customizations: { holds: "meaningless", how: `${EDITOR}; customizations.devkit is read` },
  name: { holds: "meaningless", how: EDITOR },
  $schema: { holds: "meaningless", how: EDITOR },
  portsAttributes: { holds: "meaningless", how: EDITOR },
  otherPortsAttributes: { holds: "meaningless", how: EDITOR },
  secrets: { holds: "meaningless", how: "it recommends secrets to services that keep them" },
  extensions: { holds: "meaningless", how: `an old spelling below customizations: ${EDITOR}` },
  settings: { holds: "meaningless", how: `an old spelling below customizations: ${EDITOR}` },
  devPort: { holds: "meaningless", how: `an old spelling below customizations: ${EDITOR}` },
} as const satisfies Readonly<Record<string, Property>>;

export type PropertyName = keyof typeof PROPERTIES;

/** Properties that have an effect, each of which needs a reader. */
export type EffectiveName = {
  [N in PropertyName]: (typeof PROPERTIES)[N]["holds"] extends "yes" | "differently" ? N : never;
}[PropertyName];

/** Tables whose members are properties of their own. */
export const PARENTS: readonly string[] = ["build", "hostRequirements"];

export function findProperty(name: string): Property | undefined {
  return Object.hasOwn(PROPERTIES, name) ? PROPERTIES[name as PropertyName] : undefined;
}
