import path from "node:path";
import { isDeepStrictEqual } from "node:util";
import { once } from "../../base/once.js";
import { DevkitError } from "../../base/errors.js";
import type { AgentRef } from "../../domain/agents/agent.js";
import { agentMounts, isWithin, nestedMountPoints, type MountSpec } from "../../domain/custody/mounts.js";
import { agentPaths } from "../../domain/identity/project.js";
import type { SpecExtras } from "../../domain/mounts/extras.js";
import { mountsRefused, type MountProblem, type RefusedMount } from "../../domain/mounts/mount-problem.js";
import { inAllPlaces, ownMounts, ownPlaces } from "../../domain/mounts/own-places.js";
import type { WritablePlace } from "../../domain/mounts/source-problem.js";
import { parseMountText } from "../../domain/overlays/mount-text.js";
import type { ImageSettings, SettingsOf } from "../../domain/settings/settings.js";
import type { Host, ProjectDeps } from "../ports.js";
import type { MountHost } from "../ports-mounts.js";
import { loadHostFacts } from "./host-facts.js";
import { requireSafeImage } from "./judge-image.js";
import { judgeMount, judgeSource, type JudgeNeeds } from "./judge-mount.js";
import { loadToolConfigs } from "../tools/load-tool-configs.js";
import { loadEnvFiles } from "./load-env-files.js";

/** What settings add to the containers of some agents. */
export interface AgentExtras {
  readonly of: (agent: AgentRef) => SpecExtras;
  /** What has to be on the host right before an agent's container is made or started. */
  readonly prepare: (agent: AgentRef) => Promise<void>;
}

export interface ExtrasNeeds extends Pick<ProjectDeps, "project" | "engine"> {
  readonly host: Host;
  readonly mountHost: MountHost;
  readonly settingsOf: SettingsOf;
  /** What those agents are built from that have no settings of their own. */
  readonly image: ImageSettings;
  readonly overlaysOf: (agent: AgentRef) => readonly string[];
  /** Where the settings ask for this mount; asked only to say why it is refused. */
  readonly placeOf: (agent: AgentRef, mount: string) => Promise<string | undefined>;
}

interface Resolved {
  readonly extras: SpecExtras;
  readonly refused: readonly RefusedMount[];
}

/**
 * Checks what the settings of these agents ask for, before anything is made.
 * @throws DevkitError E_MOUNT, E_CONFIG for an env_file or what an image is built from
 */
export async function createExtras(needs: ExtrasNeeds, agents: readonly AgentRef[]): Promise<AgentExtras> {
  const facts = once(() => loadHostFacts(needs, askedWritable(needs, agents)));
  const judge = (agent: AgentRef): JudgeNeeds => ({ ...needs, agent, facts });
  for (const image of [needs.image, ...agents.map((agent) => needs.settingsOf(agent).image)])
    await requireSafeImage({ ...needs, facts }, image);
  const resolved = await Promise.all(
    agents.map(async (agent) => [agent.name, await resolve(needs, judge(agent))] as const),
  );
  const [first, ...others] = resolved.flatMap(([, { refused }]) => refused).filter(isFirstOfItsKind);
  if (first !== undefined) throw mountsRefused([first, ...others]);
  const byName = new Map(resolved.map(([name, { extras }]) => [name, extras]));
  const of = (agent: AgentRef) => byName.get(agent.name) ?? { mounts: [], env: {}, overlays: [] };
  return { of, prepare: (agent) => prepare(needs, judge(agent), of(agent).mounts) };
}

/** Agents with the same settings are refused the same. */
function isFirstOfItsKind(one: RefusedMount, index: number, all: readonly RefusedMount[]): boolean {
  return all.findIndex((other) => isDeepStrictEqual(one, other)) === index;
}

function askedWritable({ settingsOf }: ExtrasNeeds, agents: readonly AgentRef[]): WritablePlace[] {
  return agents.flatMap((agent) =>
    settingsOf(agent).container.mounts.flatMap((text) => {
      const parsed = parseMountText(text);
      if (!parsed.ok || parsed.mount.readOnly || parsed.mount.source.kind !== "host") return [];
      return [{ path: parsed.mount.source.path, by: agent.name }];
    }),
  );
}

async function resolve(needs: ExtrasNeeds, judge: JudgeNeeds): Promise<Resolved> {
  const { agent } = judge;
  const { container } = needs.settingsOf(agent);
  const refused: RefusedMount[] = [];
  const good: MountSpec[] = [];
  const refuse = async (text: string, reason: string, hint: string) => {
    refused.push({ text, place: await needs.placeOf(agent, text), reason, hint });
  };
  for (const text of container.mounts) {
    const parsed = parseMountText(text);
    if (!parsed.ok) {
      await refuse(text, parsed.problem, "write it as SOURCE:TARGET or SOURCE:TARGET:ro");
      continue;
    }
    const verdict = await judgeMount(judge, parsed.mount);
    if (verdict.kind === "refused") await refuse(text, verdict.reason, verdict.hint);
    if (verdict.kind !== "good") continue;
    const clash = await clashOf(judge, good, verdict.mount);
    if (clash === undefined) good.push(verdict.mount);
    else await refuse(text, clash.reason, clash.hint);
  }
  const env = await loadEnvFiles(needs, judge.facts, container.env_file);
  const mounts = withOwnPlaces(needs, agent, good);
  const toolConfigs = await loadToolConfigs(needs.mountHost, judge.facts, needs.settingsOf(agent));
  return { extras: { mounts, env, overlays: needs.overlaysOf(agent), toolConfigs }, refused };
}

/** Two on one place, or one where another one's source has nothing to mount over: that is not ours to make there. */
async function clashOf(
  { project, agent, mountHost }: JudgeNeeds,
  others: readonly MountSpec[],
  mount: MountSpec,
): Promise<MountProblem | undefined> {
  const { containerPath } = mount;
  const { volumes } = agentPaths(project, agent);
  if (others.some((other) => other.containerPath === containerPath))
    return { reason: `another mount is at ${containerPath}`, hint: "give each a place of its own" };
  for (const [outer, inner] of others.flatMap((other) => [
    [other, mount] as const,
    [mount, other] as const,
  ])) {
    if (!isWithin(inner.containerPath, outer.containerPath)) continue;
    if (isWithin(outer.hostPath, volumes)) continue;
    const at = `${outer.hostPath}${inner.containerPath.slice(outer.containerPath.length)}`;
    const wanted = inner.isFile === true ? "file" : "directory";
    if ((await mountHost.inspect(at)).kind === wanted) continue;
    const hint = `make it first: ${wanted === "file" ? "touch" : "mkdir -p"} ${at}`;
    return { reason: `there is no ${wanted} ${at} for ${inner.containerPath} to be mounted over`, hint };
  }
  return undefined;
}

function withOwnPlaces({ project }: ExtrasNeeds, agent: AgentRef, good: readonly MountSpec[]): MountSpec[] {
  const { worktree } = agentPaths(project, agent);
  const places = ownPlaces(
    project,
    agent,
    good.filter(({ readOnly }) => readOnly),
  );
  const free = places.filter((place) => !good.some(({ containerPath }) => containerPath === place));
  return [...good, ...ownMounts(project, agent, free), ...inAllPlaces(good, [worktree, ...free])];
}

async function prepare(needs: ExtrasNeeds, judge: JudgeNeeds, mounts: readonly MountSpec[]): Promise<void> {
  const paths = agentPaths(needs.project, judge.agent);
  const own = [paths.worktree, paths.dotgit];
  const bySource = new Map(mounts.map((mount) => [mount.hostPath, mount]));
  for (const mount of [...bySource.values()].filter(({ hostPath }) => !own.includes(hostPath))) {
    if (isWithin(mount.hostPath, paths.volumes))
      await needs.mountHost.createVolume(paths, path.basename(mount.hostPath));
    else await requireSame(judge, mount);
  }
  await createMountPoints(needs, judge.agent, mounts);
  await createWorkdir(needs, judge.agent, mounts);
}

/** The engine follows what is there at the start; it was looked at before images were built and others came up. */
async function requireSame(judge: JudgeNeeds, mount: MountSpec): Promise<void> {
  const verdict = await judgeSource(judge, mount);
  if (verdict.kind !== "refused") return;
  const { reason, hint } = verdict;
  throw mountsRefused([{ text: `${mount.hostPath}:${mount.containerPath}`, place: undefined, reason, hint }]);
}

/** The engine would make that as root too. Where a link leads, only the container's own directories are. */
async function createWorkdir(
  { project, mountHost, settingsOf }: ExtrasNeeds,
  agent: AgentRef,
  mounts: readonly MountSpec[],
): Promise<void> {
  const { worktree, home, volumes } = agentPaths(project, agent);
  const { workdir } = settingsOf(agent).container;
  const around = [...agentMounts(project, agent, []), ...mounts]
    .filter(({ containerPath, readOnly }) => !readOnly && isWithin(workdir, containerPath))
    .sort((a, b) => b.containerPath.length - a.containerPath.length)[0];
  if (around === undefined || around.containerPath === workdir) return;
  const { hostPath, containerPath } = around;
  const isAgents = hostPath === worktree || hostPath === home || isWithin(hostPath, volumes);
  if (isAgents)
    await mountHost.createMountPoint(hostPath, path.posix.relative(containerPath, workdir), false);
}

/** The engine would make them as root, and through any link that the agent has put on the way. */
async function createMountPoints(
  { project, mountHost }: ExtrasNeeds,
  agent: AgentRef,
  mounts: readonly MountSpec[],
): Promise<void> {
  const paths = agentPaths(project, agent);
  const isAgents = (hostPath: string) =>
    hostPath === paths.worktree || hostPath === paths.home || isWithin(hostPath, paths.volumes);
  for (const point of nestedMountPoints([...agentMounts(project, agent, []), ...mounts], mounts)) {
    const { hostPath, relative, isFile } = point;
    if (!isAgents(hostPath) || (await mountHost.createMountPoint(hostPath, relative, isFile))) continue;
    const at = `${hostPath}/${relative}`;
    throw new DevkitError("E_WORK_IN_THE_WAY", `${at} is neither a directory nor free to be mounted over`, {
      hint: `look at it, and move it away: ls -ld ${at}`,
      details: { agent: agent.name, path: at },
    });
  }
}
