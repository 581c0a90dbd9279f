import type { CallToolResult } from "@modelcontextprotocol/sdk/types.js";
import type { EndpointReply } from "./frames.js";

type Json = Readonly<Record<string, unknown>>;

interface Document {
  readonly ok: boolean;
  readonly data?: Json;
  readonly warnings?: readonly string[];
  readonly error?: { readonly code: string; readonly message: string; readonly hint?: string };
}

/**
 * What a model gets of a command's JSON: the same twice, as text and as a structure, because programs differ in which of them
 * they hand on. Undefined for a reply: it was not run.
 */
export function readAnswer(tool: string, given: Json, reply: EndpointReply | undefined): CallToolResult {
  if (reply === undefined) return failure("too many commands at once", "wait a little, then try again");
  const document = parseDocument(reply.stdout);
  const notice = noticeIn(reply.stderr);
  if (document === undefined) return failure(reply.stderr.trim() || "the command said nothing", undefined);
  if (!document.ok) {
    const { message = "it failed", hint, code } = document.error ?? {};
    return failure(message, hint, { code, ...notice });
  }
  const data = tool === "task_list" ? shortened(document.data ?? {}, given["limit"]) : document.data;
  const warnings = document.warnings ?? [];
  return answer({ ...notice, ...data, ...(warnings.length === 0 ? {} : { warnings }) });
}

function answer(content: Json): CallToolResult {
  return { content: [{ type: "text", text: JSON.stringify(content) }], structuredContent: content };
}

function failure(message: string, hint: string | undefined, more: Json = {}): CallToolResult {
  const error = { message, ...(hint === undefined ? {} : { hint }), ...more };
  const text = [`error: ${message}`, ...(hint === undefined ? [] : [`hint: ${hint}`])].join("\n");
  const notice = typeof more["notice"] === "string" ? [`notice: ${more["notice"]}`] : [];
  return {
    content: [{ type: "text", text: [text, ...notice].join("\n") }],
    structuredContent: { error },
    isError: true,
  };
}

/** The first tasks, without their texts, for which there is task_show. */
function shortened({ tasks, ...rest }: Json, limit: unknown): Json {
  const all = Array.isArray(tasks) ? (tasks as Json[]) : [];
  const shown = all.slice(0, typeof limit === "number" ? limit : all.length).map(toLine);
  return { ...rest, matching: all.length, shown: shown.length, tasks: shown };
}

function toLine({ id, title, status, priority, waits_for, topics, claimed_by }: Json): Json {
  return { id, title, status, priority, waits_for, topics, claimed_by };
}

function parseDocument(text: string): Document | undefined {
  try {
    return JSON.parse(text) as Document;
  } catch {
    return undefined;
  }
}

/** The dispatcher writes it there, before everything else. */
function noticeIn(stderr: string): { readonly notice?: string } {
  const notice = /^note: (.*)$/m.exec(stderr)?.[1];
  return notice === undefined ? {} : { notice };
}
