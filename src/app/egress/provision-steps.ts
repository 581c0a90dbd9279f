import { DevkitError } from "../../base/errors.js";
import type { AgentRef } from "../../domain/agents/agent.js";
import { networkLabels } from "../../domain/egress/egress-spec.js";
import { sealRules } from "../../domain/egress/seal.js";
import { EGRESS, networkName, outwardName } from "../../domain/identity/names.js";
import { egressPaths } from "../../domain/identity/project.js";
import { findContainer } from "../agents/observe.js";
import type { NetworkHandlers } from "../agents/operations.js";
import { applyPolicies } from "./apply-policies.js";
import { findSlot, keyOf } from "./observe-egress.js";
import { isAttached, ownerOf, ownersOf, stateOf, type Run } from "./provision-run.js";
import { sealOf } from "./seals.js";
import { filesFor, writeFiles, writePolicyTexts } from "./write-policies.js";

/** What each of a plan's network operations does. */
export function handlersOf(run: Run): NetworkHandlers {
  const { engine, project } = run.deps;
  return {
    "network.remove": async ({ agent }) => {
      const network = run.observed.networks.get(agent.name);
      if (network !== undefined) await engine.removeNetwork(network.id);
    },
    "network.create": async ({ agent }) => {
      const make = { name: networkName(project, agent), internal: true, owner: agent };
      run.networks.set(agent.name, await createPlaced(run, agent.name, make));
      run.made.add(agent.name);
    },
    "network.attach": ({ agent }) => attach(run, agent),
    "network.seal": ({ agent }) => seal(run, agent),
  };
}

async function seal(run: Run, agent: AgentRef): Promise<void> {
  const { engine, project, egress } = run.deps;
  const slot = run.placement.slots.get(agent.name);
  const container = findContainer(project, await engine.listContainers("agent", project.id), agent);
  const start = container && (await engine.findStart(container.id));
  if (slot === undefined || container === undefined || start === undefined)
    throw new Error(`${agent.name} does not run, so its network cannot be sealed`);
  const labels = networkLabels(project, agent, run.request.host.version);
  try {
    await engine.seal(container.id, { image: await run.imageId(), rules: sealRules(slot), labels });
  } catch (error) {
    // What is not sealed must not run: somebody would work in it.
    await engine.stopContainer(container.id);
    throw error;
  }
  await egress.saveSeal(agent, sealOf(container.id, start, slot));
}

/** Puts the egress of an agent on its network, and no other. */
export async function attach(run: Run, agent: AgentRef): Promise<void> {
  const { engine, project } = run.deps;
  const network = run.networks.get(agent.name);
  // On a network that was there before, it is where that is, wherever a new one would go.
  const isMade = run.made.has(agent.name);
  const slot = isMade ? run.placement.slots.get(agent.name) : findSlot(run.observed, agent);
  if (network === undefined || slot === undefined) throw new Error(`${agent.name} has no network to join`);
  const egress = await ensure(run, ownerOf(run, agent));
  const others = [...run.observed.containers.values()].filter(({ id }) => id !== egress);
  for (const { id, networks } of others) {
    if (networks.has(networkName(project, agent))) await engine.detach(network, id);
  }
  await engine.attach(network, egress, { address: slot.egress, aliases: [EGRESS.host] });
}

interface Make {
  readonly name: string;
  readonly internal: boolean;
  readonly owner: AgentRef | undefined;
}

/** Tries places until the engine takes one: it knows of networks that nobody else does. */
async function createPlaced(run: Run, key: string, { name, internal, owner }: Make): Promise<string> {
  const { deps, request, placement } = run;
  const labels = networkLabels(deps.project, owner, request.host.version);
  for (let slot = placement.slots.get(key) ?? placement.next(); slot !== undefined; slot = placement.next()) {
    placement.slots.set(key, slot);
    const id = await deps.engine.createNetwork({ name, subnet: slot.subnet, internal, labels });
    if (id !== undefined) return id;
  }
  throw new DevkitError("E_NO_SUBNET", `no part of ${request.settings.egress.pool} is free`, {
    hint: 'take another pool in devkit.toml: [egress] pool = "10.200.0.0/16"',
    details: { pool: request.settings.egress.pool },
  });
}

/** The egress container, running; made once in a run, whoever asks first. */
function ensure(run: Run, owner: AgentRef | undefined): Promise<string> {
  const key = keyOf(owner);
  const known = run.ensured.get(key) ?? startEgress(run, owner);
  run.ensured.set(key, known);
  return known;
}

async function startEgress(run: Run, owner: AgentRef | undefined): Promise<string> {
  const { engine, progress, project } = run.deps;
  const { cause, replace, spec } = stateOf(run, owner, await run.imageId());
  const found = run.observed.containers.get(keyOf(owner));
  if (found !== undefined && cause === undefined) return found.id;
  const step = progress.step(undefined, `starting egress: ${cause ?? ""}`);
  try {
    const outward = { name: outwardName(project, owner), internal: false, owner };
    if (replace && found !== undefined) await engine.removeContainer(found.id);
    if (run.observed.outward.get(keyOf(owner)) === undefined)
      await createPlaced(run, `${keyOf(owner)} out`, outward);
    const id = replace || found === undefined ? await engine.createContainer(spec) : found.id;
    await run.deps.egress.forgetApplied(egressPaths(project, owner));
    await engine.startContainer(id);
    step.done("egress is up");
    return id;
  } catch (error) {
    step.fail("egress did not start");
    throw error;
  }
}

/** Writes down what was decided; containers mount some of it. */
export async function prepare(run: Run): Promise<void> {
  const { deps, memory, agents, placement, observed } = run;
  await Promise.all(observed.copies.map(({ id }) => deps.engine.removeNetwork(id)));
  await deps.locks.hold("egress", async () => {
    await deps.egress.saveMemory(memory);
    const state = { memory, rules: await deps.egress.loadRules(), blocked: deps.egress.addresses() };
    await writePolicyTexts(deps, state, agents);
    for (const owner of ownersOf(run)) {
      // One that runs has its files; they change when the networks that they tell of are there.
      if (observed.containers.get(keyOf(owner))?.state === "running") continue;
      const served = agents.filter((agent) => keyOf(ownerOf(run, agent)) === keyOf(owner));
      const placed = served.flatMap((agent) => {
        const slot = placement.slots.get(agent.name);
        return slot === undefined ? [] : [{ agent, slot }];
      });
      await writeFiles(deps, owner, filesFor(state, placed));
    }
  });
}

/** Everything runs, with the policy as it is; what nobody needs any more is gone. */
export async function finish(run: Run): Promise<void> {
  const { deps } = run;
  // One that does not start must not keep the others from what their agents may reach now.
  const started = await Promise.allSettled(ownersOf(run).map((owner) => ensure(run, owner)));
  // Those that this run was not asked for lose their egress too when it is replaced.
  const left = run.agents.filter(
    (agent) => run.observed.networks.has(agent.name) && !run.made.has(agent.name),
  );
  for (const agent of left) if (!isAttached(run, agent)) await attach(run, agent).catch(() => undefined);
  const needed = new Set(ownersOf(run).map(keyOf));
  for (const [key, container] of run.observed.containers) {
    if (needed.has(key)) continue;
    await deps.engine.removeContainer(container.id);
    const outward = run.observed.outward.get(key);
    if (outward !== undefined) await deps.engine.removeNetwork(outward.id);
  }
  await deps.locks.hold("egress", () => applyPolicies(deps));
  const failed = started.find((one) => one.status === "rejected");
  if (failed !== undefined) throw failed.reason;
}
