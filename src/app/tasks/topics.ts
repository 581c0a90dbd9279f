import { DevkitError } from "../../base/errors.js";
import { quoteText } from "../../base/show-text.js";
import { isTopicId } from "../../domain/checks/local-files.js";
import type { TaskDeps } from "../ports-tasks.js";
import { loadPool } from "./load-pool.js";

export interface TopicDeps extends Pick<TaskDeps, "store" | "local" | "progress"> {
  /** Those of the settings, each with a description that may be empty. */
  topics(): Promise<Readonly<Record<string, string>>>;
}

/** What tasks can belong to, or belong to. */
export interface ListedTopic {
  readonly id: string;
  readonly description: string;
  /** Tasks that are not done, and all. */
  readonly open: number;
  readonly total: number;
}

export interface TopicList {
  readonly topics: readonly ListedTopic[];
  readonly current: string | undefined;
}

/** Topics of the settings, in their order, then those that only tasks have, by name. */
export async function listTopics(deps: TopicDeps, agent: string): Promise<TopicList> {
  const named = await deps.topics();
  const tasks = [...loadPool(deps).tasks.values()];
  const used = [...new Set(tasks.flatMap((task) => task.topics))].sort();
  const ids = [...new Set([...Object.keys(named), ...used])];
  const topics = ids.map((id) => {
    const own = tasks.filter((task) => task.topics.includes(id));
    const open = own.filter(({ status }) => status !== "done").length;
    return { id, description: named[id] ?? "", open, total: own.length };
  });
  return { topics, current: currentTopic(deps, agent) };
}

/** What new tasks belong to when nobody says. */
export function currentTopic({ local }: Pick<TopicDeps, "local">, agent: string): string | undefined {
  return local(agent)?.topic();
}

/**
 * Chooses a topic, or none. Where the settings name topics it has to be one of them, or one that a task has.
 * @throws DevkitError E_TOPIC_UNKNOWN
 */
export async function chooseTopic(deps: TopicDeps, agent: string, id: string | undefined): Promise<void> {
  if (id !== undefined) await requireTopic(deps, agent, id);
  const local = deps.local(agent);
  if (local === undefined)
    throw new DevkitError("E_WORKTREE_BROKEN", `${agent} has no worktree`, {
      hint: "look at it: devkit agent list; agent up makes it again",
      details: { agent },
    });
  local.setTopic(id);
}

async function requireTopic(deps: TopicDeps, agent: string, id: string): Promise<void> {
  if (!isTopicId(id))
    throw new DevkitError("E_USAGE", `${quoteText(id.slice(0, 80))} is no topic`, {
      hint: "lower case, digits, dots, dashes, at most 64; see: devkit topic list",
    });
  if (Object.keys(await deps.topics()).length === 0) return;
  const { topics } = await listTopics(deps, agent);
  const ids = topics.map((topic) => topic.id);
  if (ids.includes(id)) return;
  throw new DevkitError("E_TOPIC_UNKNOWN", `there is no topic ${id}; there are ${ids.join(", ")}`, {
    hint: "to have one more, add it to [tasks] topics in devkit.toml",
    details: { asked: id, topics: ids },
  });
}
