import { z } from "zod";
import { TASK_STATUSES } from "../domain/tasks/task.js";

/** A tool for models: a command of the endpoint by another name. */
export interface McpTool {
  readonly name: string;
  readonly description: string;
  readonly input: z.ZodObject;
  readonly readOnly: boolean;
  /** The words after `devkit`, without `--json`. */
  readonly argv: (input: Readonly<Record<string, unknown>>) => string[];
}

const task = z.string().max(40).describe("id of a task, such as TSK-1");
const ownTask = task.optional().describe("id of a task; without it, the one you work on");
const LIMIT = 50;

/** What a model can do to the pool; always as the agent whose socket it is. */
export const MCP_TOOLS: readonly McpTool[] = [
  define({
    name: "task_list",
    description: "List tasks of the pool, the most urgent first. `current` is the one you work on.",
    input: z.strictObject({
      status: z.enum(TASK_STATUSES).optional(),
      unblocked: z.boolean().optional().describe("only what is not done and waits for nothing"),
      agent: z.string().max(80).optional().describe("only what this agent, or main (the user), has claimed"),
      topic: z.string().max(200).optional(),
      limit: z.int().min(1).max(500).default(LIMIT).describe("how many to show at most"),
    }),
    readOnly: true,
    argv: ({ status, unblocked, agent, topic }) => [
      ...["task", "list", ...option("--status", status), ...option("--agent", agent)],
      ...[...option("--topic", topic), ...(unblocked === true ? ["--unblocked"] : [])],
    ],
  }),
  define({
    name: "task_show",
    description: "Show everything of one task: description, notes, what it waits for, who has it.",
    input: z.strictObject({ task }),
    readOnly: true,
    argv: (input) => ["task", "show", "--", input.task],
  }),
  define({
    name: "task_current",
    description: "Show the task that you work on; null when there is none.",
    input: z.strictObject({}),
    readOnly: true,
    argv: () => ["task", "current"],
  }),
  define({
    name: "task_next",
    description:
      "Find the most urgent task that is ready and that nobody else has. With start, claim it and begin it in the same step: no other agent can get it in between.",
    input: z.strictObject({ start: z.boolean().optional() }),
    readOnly: false,
    argv: ({ start }) => ["task", "next", ...(start === true ? ["--start"] : [])],
  }),
  define({
    name: "task_start",
    description: "Claim a task and begin it. Fails when somebody else has it, or it waits for other tasks.",
    input: z.strictObject({ task }),
    readOnly: false,
    argv: (input) => ["task", "start", "--", input.task],
  }),
  define({
    name: "task_claim",
    description: "Claim a task for later without beginning it, or renew your claim.",
    input: z.strictObject({ task }),
    readOnly: false,
    argv: (input) => ["task", "claim", "--", input.task],
  }),
  define({
    name: "task_note",
    description: "Add a note to a task: what you found out, decided or left open.",
    input: z.strictObject({ task, text: z.string().max(20_000) }),
    readOnly: false,
    argv: (input) => ["task", "note", "--", input.task, input.text],
  }),
  define({
    name: "task_done",
    description: "Say that a task of yours is done. Commit your work before.",
    input: z.strictObject({ task: ownTask, note: z.string().max(20_000).optional() }),
    readOnly: false,
    argv: (input) => ["task", "done", ...option("--message", input.note), ...words(input.task)],
  }),
  define({
    name: "task_release",
    description: "Give a task back to the pool without finishing it, for whoever comes next.",
    input: z.strictObject({ task: ownTask }),
    readOnly: false,
    argv: (input) => ["task", "release", ...words(input.task)],
  }),
];

function define<I extends z.ZodObject>(
  tool: Omit<McpTool, "input" | "argv"> & {
    readonly input: I;
    readonly argv: (input: z.infer<I>) => string[];
  },
): McpTool {
  // The server has checked what comes by `input`.
  return { ...tool, argv: (input) => tool.argv(input as z.infer<I>) };
}

/** In one word, so that a value can begin as an option does. */
function option(name: string, value: string | undefined): string[] {
  return value === undefined ? [] : [`${name}=${value}`];
}

function words(value: string | undefined): string[] {
  return value === undefined ? [] : ["--", value];
}
