import { randomBytes } from "node:crypto";
import { EGRESS } from "../../domain/identity/names.js";
import { formatHostPattern } from "../../domain/egress/host-pattern.js";
import { isGranted, KNOWN_NAMES } from "../../domain/egress/probes.js";
import { loadPolicyState } from "../egress/apply-policies.js";
import { policyOf } from "../egress/write-policies.js";
import type { RunningAgent } from "../agents/exec.js";
import type { SpawnDeps } from "../agents/spawn-deps.js";
import type { AskInside } from "./ask-inside.js";
import { failure, judged, STARTING_STACK, type Fault, type Look } from "./check.js";

/** What git says of a proxy that refuses: newer and older words of the library below it. */
const REFUSED = /\b(?:response|HTTP code) 403\b/;
const NO_PROXY = /resolve proxy|connect to (?:tinyproxy|proxy)|proxy.*(?:refused|timed out)/i;
/** A git, or an image, that cannot try it. */
const UNTRIED = /remote-https|not found|is not a git command/;
/** Of timeout(1). */
const LATE = 124;
/** Of a shell. */
const NO_PROGRAM = 127;
/** What answers at all does so within milliseconds; names that are allowed may take as long as the network. */
const SECONDS = 3;

/** Asks the agent's proxy for a name that is allowed to nobody, and for the first one that is allowed to the agent. */
export async function probeProxy(deps: SpawnDeps, { agent }: RunningAgent, ask: AskInside): Promise<Look> {
  const state = await loadPolicyState(deps);
  const { open, grants } = policyOf(state, agent);
  const denied = `devkit-probe-${randomBytes(4).toString("hex")}.invalid`;
  const allowed = grants.map(({ pattern }) => formatHostPattern(pattern)).find((name) => !name.includes("*"));
  const [deny, allow] = await Promise.all([
    ask(reach(denied)),
    allowed === undefined ? undefined : ask(reach(allowed)),
  ]);
  const faults: Fault[] = [];
  if (NO_PROXY.test(deny.text))
    faults.push(failure(`the proxy of ${agent.name} does not answer`, "devkit restart", STARTING_STACK));
  else if (!open && deny.exitCode !== LATE && !UNTRIED.test(deny.text) && !REFUSED.test(deny.text))
    faults.push(
      failure(
        `the proxy of ${agent.name} did not refuse ${denied}, which nobody is allowed`,
        `devkit egress test ${String(agent.index)}`,
      ),
    );
  if (allow !== undefined && REFUSED.test(allow.text))
    faults.push(
      failure(
        `the proxy refuses ${allowed ?? ""}, which ${agent.name} is allowed`,
        "devkit restart",
        STARTING_STACK,
      ),
    );
  return judged(`${agent.name}: what is denied is refused, and what is allowed is not`, faults);
}

function reach(name: string): string {
  // Neither the agent's settings nor its repository's are what is tried.
  const git = "cd / && GIT_CONFIG_GLOBAL=/dev/null timeout";
  return `${git} ${String(SECONDS)} git ls-remote https://${name}/devkit-probe 2>&1`;
}

/** The agent finds its proxy by name, and nothing else by any name server, unless it may. */
export async function probeNames(deps: SpawnDeps, { agent }: RunningAgent, ask: AskInside): Promise<Look> {
  const state = await loadPolicyState(deps);
  const { open, grants } = policyOf(state, agent);
  const patterns = grants.map(({ pattern }) => pattern);
  const mayResolve = open || state.memory.profiles.get(agent.name)?.includes("dns") === true;
  const name = KNOWN_NAMES.find((one) => !isGranted(patterns, one));
  const [proxy, other] = await Promise.all([
    ask(`getent hosts ${EGRESS.host}`),
    name === undefined ? undefined : ask(`timeout ${String(SECONDS)} getent hosts ${name}`),
  ]);
  const faults: Fault[] = [];
  // An image can be without the program that asks.
  if (proxy.exitCode !== 0 && proxy.exitCode !== NO_PROGRAM)
    faults.push(failure(`${agent.name} does not find its proxy by name`, "devkit restart"));
  if (other?.exitCode === 0 && !mayResolve)
    faults.push(
      failure(
        `${agent.name} can ask for ${name ?? ""}, and so can send names out`,
        `devkit egress test ${String(agent.index)}`,
      ),
    );
  return judged(`${agent.name} finds its proxy and nothing else`, faults);
}
