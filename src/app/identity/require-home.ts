import { DevkitError } from "../../base/errors.js";
import { isPresent, type ObservedAgent } from "../../domain/agents/observed.js";
import { upCommand } from "../../domain/agents/up-command.js";
import { observe } from "../agents/observe.js";
import { requireAgent } from "../agents/select.js";
import { refuseOnHost } from "../host-runtime/refuse-on-host.js";
import type { ProjectDeps } from "../ports.js";

/** An agent that has a home. @throws DevkitError E_AGENT_UNKNOWN */
export async function requireHome(deps: ProjectDeps, selector: string): Promise<ObservedAgent> {
  const there = (await observe(deps)).filter((one) => isPresent(one) || one.state.home);
  const found = requireAgent(selector, there);
  if (found.state.home) return found;
  refuseOnHost(deps.project, found);
  throw new DevkitError("E_AGENT_UNKNOWN", `${found.agent.name} has no home yet`, {
    hint: `make it one: ${upCommand([found.agent])}`,
    details: { asked: selector, agents: there.map(({ agent }) => agent.name) },
  });
}
