import { MAIN } from "../../../domain/tasks/task.js";
import { topicTable } from "../../../output/views/topics.js";
import { defineCommand } from "../../command.js";
import { ACTOR_OPTIONS, actorOf } from "./actor.js";

const OPTIONS = { agent: ACTOR_OPTIONS.agent };

export const topicList = defineCommand({
  path: "topic list",
  summary: "List the topics that tasks belong to",
  description:
    "Lists the topics of `[tasks] topics` in devkit.toml and those that only tasks have, each with how many of its tasks are not done. `>` is the current one.",
  arguments: [],
  options: OPTIONS,
  examples: ["devkit topic list"],
  json: "{ topics: [{ id, description, open, total }], current: id|null }",
  async run({ options, deps }) {
    const { listTopics } = await import("../../../app/tasks/topics.js");
    const { agent } = await actorOf(deps, options);
    const { topics, current } = await listTopics(await deps.tasks(), agent);
    return {
      data: { topics, current: current ?? null },
      human: () =>
        topics.length === 0
          ? 'No topics. Name one in a task: devkit task add "Fix it" --topic api'
          : topicTable(topics, current),
    };
  },
});

export const topicUse = defineCommand({
  path: "topic use",
  summary: "Choose the topic of new tasks, or none",
  description:
    "Chooses what tasks belong to that `task add` is given no --topic for. Without a name: nothing. It is kept in .devkit/current-topic, for you or for one agent.",
  arguments: [{ syntax: "[topic]", description: "its name; without one, none is current any more" }],
  options: OPTIONS,
  examples: ["devkit topic use api", "devkit topic use"],
  json: "{ current: id|null }",
  async run({ args, options, deps }) {
    const { chooseTopic } = await import("../../../app/tasks/topics.js");
    const { agent } = await actorOf(deps, options);
    const id = args[0];
    await chooseTopic(await deps.tasks(), agent, id);
    return {
      data: { current: id ?? null },
      human: () => (id === undefined ? "No topic is current." : `New tasks belong to ${id}.`),
    };
  },
});

export const topicCurrent = defineCommand({
  path: "topic current",
  summary: "Say which topic new tasks get",
  arguments: [],
  options: OPTIONS,
  examples: ["devkit topic current"],
  json: "{ current: id|null }",
  async run({ options, deps }) {
    const { currentTopic } = await import("../../../app/tasks/topics.js");
    const { agent } = await actorOf(deps, options);
    const current = currentTopic(await deps.tasks(), agent);
    const whose = agent === MAIN ? "" : ` --agent ${agent}`;
    return {
      data: { current: current ?? null },
      human: () => current ?? `No topic is current. Choose one: devkit topic use NAME${whose}`,
    };
  },
});
