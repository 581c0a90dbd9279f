import { askTool, noAnswer } from "./ask-tool.js";
import type { Asked, AskContext } from "./asked.js";

/** npm's registry and those of scopes, as its configuration files, the project's own too, have them. */
export async function askNpm({ root, env, signal }: AskContext): Promise<Asked> {
  const answer = await askTool("npm", ["config", "list", "--json"], { cwd: root, env, signal });
  const settings = answer.kind === "ended" && answer.exitCode === 0 ? parseObject(answer.stdout) : undefined;
  if (settings === undefined) return { urls: [], notes: [noAnswer("npm", "npm", answer)] };
  const isRegistry = (key: string) => key === "registry" || /^@[^:]+:registry$/.test(key);
  const urls = Object.entries(settings).flatMap(([key, value]) => {
    return isRegistry(key) && typeof value === "string" ? [value] : [];
  });
  return { urls, notes: [] };
}

function parseObject(text: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null ? (value as Record<string, unknown>) : undefined;
  } catch {
    return undefined;
  }
}
