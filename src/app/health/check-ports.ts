import { formatBlock, type RegisteredBlock } from "../../domain/ports/block.js";
import { upCommand } from "../../domain/agents/up-command.js";
import type { AgentRef } from "../../domain/agents/agent.js";
import type { Host } from "../ports.js";
import { freeBlock } from "../ports/assign-blocks.js";
import { addPorts, type ListedPorts } from "../ports/list-ports.js";
import { observeForwarders } from "../ports/observe-forwarders.js";
import { withdrawPorts } from "../ports/withdraw-ports.js";
import { bringingUp, judged, REPAIR, warning, type Fault, type Look, type Looking } from "./check.js";
import { whileHeld } from "./while-held.js";

/** Ports of this machine that are agents': who has them, and whether they lead there. */
export async function lookAtPorts(looking: Looking): Promise<Look> {
  const [deps, { agents, names }, { settingsOf }] = await Promise.all([
    looking.project(),
    looking.present(),
    looking.settings(),
  ]);
  const { project } = deps;
  const blocks = await deps.ports.load();
  const running = agents.filter(({ container }) => container?.state === "running");
  const [forwarders, added, gone] = await Promise.all([
    observeForwarders(deps),
    addPorts(
      deps,
      { settingsOf, host: looking.host },
      running.map((observed) => ({ observed })),
    ),
    findGone(looking.host, blocks),
  ]);
  const own = blocks.filter((one) => one.project === project.id && !names.has(one.agent));
  return judged(`${String(blocks.length)} blocks registered`, [
    ...own.map(ofNobody),
    ...gone.map(ofGone),
    ...[...forwarders.keys()].filter((name) => !names.has(name)).map(leadingNowhere),
    ...added.flatMap(({ ports }) => judgePorts(ports)),
  ]);
}

async function findGone(host: Pick<Host, "isGone">, blocks: readonly RegisteredBlock[]): Promise<string[]> {
  const roots = [...new Set(blocks.map(({ root }) => root))];
  const gone = await Promise.all(roots.map((root) => host.isGone(root)));
  return roots.filter((_, position) => gone[position] === true);
}

/** Functions that take an agent need no more than its name here. */
const named = (name: string): AgentRef => ({ index: 0, name });

function ofNobody(block: RegisteredBlock): Fault {
  return warning(`ports ${formatBlock(block)} are kept for ${block.agent}, which is gone`, REPAIR, {
    action: `free the ports ${formatBlock(block)} of ${block.agent}`,
    apply: ({ deps }) =>
      whileHeld(deps, async ({ names }) => {
        if (!names.has(block.agent)) await freeBlock(deps, named(block.agent));
      }),
  });
}

function ofGone(root: string): Fault {
  return warning(`ports are kept for agents of ${root}, which is gone`, REPAIR, {
    action: `free the ports of agents of ${root}`,
    apply: ({ deps, host }) =>
      deps.ports.change(async (blocks) => {
        const stays = !(await host.isGone(root));
        return { blocks: stays ? blocks : blocks.filter((one) => one.root !== root), answer: undefined };
      }),
  });
}

function leadingNowhere(name: string): Fault {
  return warning(`what forwards the ports of ${name} leads nowhere: it is gone`, REPAIR, {
    action: `remove what forwards the ports of ${name}`,
    apply: ({ deps }) =>
      whileHeld(deps, async ({ names }) => {
        if (!names.has(name)) await withdrawPorts(deps, named(name));
      }),
  });
}

/** Of an agent that runs. */
function judgePorts({ agent, published, todo }: ListedPorts): Fault[] {
  const taken = published.filter(({ state }) => state === "taken");
  if (taken.length > 0)
    return taken.map(({ host }) =>
      warning(
        `another program has port ${String(host)} of ${agent.name}`,
        `see which: ss -ltnp 'sport = :${String(host)}'; end it, then: ${upCommand([agent])}`,
      ),
    );
  if (!todo.wanted || todo.cause === undefined) return [];
  return [warning(`ports of ${agent.name}: ${todo.cause}`, upCommand([agent]), bringingUp(agent))];
}
