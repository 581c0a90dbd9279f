import { DevkitError } from "../../base/errors.js";
import type { AgentRef } from "../../domain/agents/agent.js";
import { overlaps, parseBlock, type PortBlock, type RegisteredBlock } from "../../domain/ports/block.js";
import { findMisfit, freeBlocks } from "../../domain/ports/choose-block.js";
import { distinctPorts } from "../../domain/ports/published.js";
import type { PortSettings, SettingsOf } from "../../domain/settings/settings.js";
import type { LabelledContainer } from "../ports-engine.js";
import type { Host, ProjectDeps } from "../ports.js";

type Needs = Pick<ProjectDeps, "project" | "engine" | "ports" | "progress">;

/** The ports of a project's agents; undefined for one that has none yet. */
export type BlockOf = (agent: AgentRef) => PortBlock | undefined;

export interface AssignRequest {
  readonly agents: readonly AgentRef[];
  readonly settingsOf: SettingsOf;
  readonly host: Pick<Host, "isGone">;
  readonly dryRun: boolean;
}

/**
 * A block of ports for each of these agents: the one it has as long as that fits the settings, else the lowest that is
 * nobody's. A dry run says which it would be.
 * @throws DevkitError E_PORT_REGISTRY, E_PORT_BLOCK, E_NO_PORTS
 */
export async function assignBlocks(deps: Needs, request: AssignRequest): Promise<BlockOf> {
  const { project, ports } = deps;
  for (const agent of request.agents) requireRoom(agent, request.settingsOf(agent).ports);
  const containers = await deps.engine.listContainers("agent", undefined);
  await warnOfOthers(deps, request);
  const decide = (blocks: readonly RegisteredBlock[]) => assign(deps, request, blocks, containers);
  // Most runs find everything assigned, and need no lock for that.
  const found = await ports.load();
  const first = await decide(found);
  const blocks =
    request.dryRun || first === found
      ? first
      : await ports.change(async (now) => {
          const changed = await decide(now);
          return { blocks: changed, answer: changed };
        });
  return findIn(blocks, project.id);
}

/** Who has other ports has another container: it should be known why. */
async function warnOfOthers(deps: Needs, { agents, settingsOf }: AssignRequest): Promise<void> {
  const blockOf = await loadBlocks(deps);
  for (const agent of agents) {
    const block = blockOf(agent);
    const misfit = block && findMisfit(block, settingsOf(agent).ports);
    if (misfit !== undefined) deps.progress.warn(`${agent.name} gets other ports: ${misfit}`);
  }
}

/** As the registry has them, for whoever only looks. @throws DevkitError E_PORT_REGISTRY */
export async function loadBlocks({
  project,
  ports,
}: Pick<ProjectDeps, "project" | "ports">): Promise<BlockOf> {
  return findIn(await ports.load(), project.id);
}

/** Frees an agent's block for others. */
export async function freeBlock(
  { project, ports }: Pick<ProjectDeps, "project" | "ports">,
  agent: AgentRef,
): Promise<void> {
  const isOthers = (one: RegisteredBlock) => one.project !== project.id || one.agent !== agent.name;
  if ((await ports.load()).every(isOthers)) return;
  await ports.change((blocks) => Promise.resolve({ blocks: blocks.filter(isOthers), answer: undefined }));
}

function findIn(blocks: readonly RegisteredBlock[], project: string): BlockOf {
  const own = new Map(blocks.filter((one) => one.project === project).map((one) => [one.agent, one]));
  return ({ name }) => own.get(name);
}

function requireRoom({ name }: AgentRef, { block, publish }: PortSettings): void {
  const count = distinctPorts(publish).length;
  if (count <= block) return;
  throw new DevkitError(
    "E_PORT_BLOCK",
    `${String(count)} ports of ${name} are to be published, but its block has only ${String(block)}`,
    { hint: `give agents more, in devkit.toml: [ports] block = ${String(count)}`, details: { agent: name } },
  );
}

/** The registry as it should be; the same array when it is so already. */
async function assign(
  { project, ports }: Needs,
  { agents, settingsOf, host }: AssignRequest,
  found: readonly RegisteredBlock[],
  containers: readonly LabelledContainer[],
): Promise<readonly RegisteredBlock[]> {
  const isOwn = (one: RegisteredBlock, { name }: AgentRef) =>
    one.project === project.id && one.agent === name;
  let blocks = found;
  for (const agent of agents) {
    const settings = settingsOf(agent).ports;
    const own = blocks.find((one) => isOwn(one, agent));
    if (own !== undefined && own.root === project.root && findMisfit(own, settings) === undefined) continue;
    if (blocks === found) blocks = await withoutGone(found, host);
    const others = blocks.filter((one) => !isOwn(one, agent));
    const carried = blocksOn(
      containers,
      (one) => one.projectId !== project.id || one.agentName !== agent.name,
    );
    const kept = findKept(own ?? recordedBlock(project.id, agent, containers), others, settings);
    const block = kept ?? (await findFree(ports, settings, [...others, ...carried]));
    const { first, size } = block;
    blocks = [...others, { first, size, project: project.id, agent: agent.name, root: project.root }];
  }
  return blocks;
}

/** A block that is an agent's already, by the registry or, when that was lost, by its container. */
function findKept(
  block: PortBlock | undefined,
  others: readonly PortBlock[],
  settings: PortSettings,
): PortBlock | undefined {
  if (block === undefined || findMisfit(block, settings) !== undefined) return undefined;
  return others.some((other) => overlaps(block, other)) ? undefined : block;
}

function recordedBlock(
  projectId: string,
  { name }: AgentRef,
  containers: readonly LabelledContainer[],
): PortBlock | undefined {
  return blocksOn(containers, (one) => one.projectId === projectId && one.agentName === name)[0];
}

function blocksOn(
  containers: readonly LabelledContainer[],
  isMeant: (container: LabelledContainer) => boolean,
): PortBlock[] {
  return containers.filter(isMeant).flatMap(({ ports }) => parseBlock(ports ?? "") ?? []);
}

async function withoutGone(
  blocks: readonly RegisteredBlock[],
  host: Pick<Host, "isGone">,
): Promise<RegisteredBlock[]> {
  const roots = [...new Set(blocks.map(({ root }) => root))];
  const gone = new Set<string>();
  for (const root of roots) if (await host.isGone(root)) gone.add(root);
  return blocks.filter(({ root }) => !gone.has(root));
}

async function findFree(
  ports: ProjectDeps["ports"],
  settings: PortSettings,
  taken: readonly PortBlock[],
): Promise<PortBlock> {
  const needed = distinctPorts(settings.publish).length;
  for (const block of freeBlocks(settings, taken)) {
    const published = Array.from({ length: needed }, (_, position) => block.first + position);
    const free = await Promise.all(published.map((port) => ports.isFree(port)));
    if (free.every(Boolean)) return block;
  }
  const { base, block } = settings;
  throw new DevkitError("E_NO_PORTS", `no ${String(block)} ports from ${String(base)} on are free`, {
    hint: "begin lower, or with smaller blocks, in devkit.toml: [ports] base = 10000",
    details: { base, block },
  });
}
