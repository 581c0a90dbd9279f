/** Where an agent's program runs: in a container of its own, or on the user's machine itself, in nothing but a worktree. */
export type AgentRuntime = (typeof RUNTIMES)[number];

export const RUNTIMES = ["container", "host"] as const;
