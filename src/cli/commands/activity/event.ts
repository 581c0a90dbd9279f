import { agentEvent, EVENT_STATES, type EventState } from "../../../domain/activity/agent-event.js";
import { MAIN } from "../../../domain/tasks/task.js";
import { DevkitError } from "../../../base/errors.js";
import { defineCommand, text } from "../../command.js";

/** For agents only: the hooks of their programs call it, and whatever else has something to tell. */
export const eventCommand = defineCommand({
  path: "event",
  summary: "Say what you are at: working, waiting for somebody, or idle",
  description:
    "Says what you are at, for `devkit agent list` on the host: working, waiting for somebody, or idle. Codex and Claude Code do that by themselves.",
  arguments: [{ syntax: "<state>", description: "what you are at", choices: EVENT_STATES }],
  options: { detail: text("--detail <text>", "in a few words, what for") },
  examples: ["devkit event working", "devkit event waiting --detail 'asks for a decision'"],
  json: "{ agent, state, at: RFC 3339, detail: string|null }",
  async run({ args, options, deps }) {
    const [{ self }, activity] = await Promise.all([deps.tasks(), deps.activity()]);
    if (self === MAIN)
      throw new DevkitError("E_USAGE", "only agents say what they are at", {
        hint: "see: devkit agent list",
      });
    // The choices are those.
    const event = agentEvent(args[0] as EventState, options.detail, activity.now());
    await activity.events.save(self, event);
    return { data: { agent: self, ...event, detail: event.detail ?? null }, human: () => "" };
  },
});
