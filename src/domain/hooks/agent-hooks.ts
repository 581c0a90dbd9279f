/** Hooks that run inside agents, in the order in which a new agent gets to them. */
export const AGENT_HOOKS = ["on_create", "warm", "on_start", "maintain"] as const;

export type AgentHook = (typeof AGENT_HOOKS)[number];

export function isAgentHook(text: string): text is AgentHook {
  return AGENT_HOOKS.some((hook) => hook === text);
}
