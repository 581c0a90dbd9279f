import type { AgentResult, RunResult } from "../../domain/runs/run-result.js";
import { figures, formatTime } from "./runs.js";

/** What XML 1.0 cannot have, not even written as a number. */
const NOT_XML =
  // eslint-disable-next-line no-control-regex -- control characters are what this removes
  /[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]|[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/g;

/** A run as JUnit XML: a test case for each agent. */
export function toJunit(run: RunResult): string {
  const { agents } = run;
  const count = (isMeant: (one: AgentResult) => boolean) => String(agents.filter(isMeant).length);
  const numbers =
    `tests="${String(agents.length)}" failures="${count(hasFailed)}" errors="${count(isError)}" skipped="0" ` +
    `time="${seconds(run.durationMs)}"`;
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    `<testsuites name="devkit run" ${numbers}>`,
    `  <testsuite name="run ${xml(run.id)}" ${numbers} timestamp="${xml(run.startedAt)}">`,
    ...agents.map(testCase),
    "  </testsuite>",
    "</testsuites>",
    "",
  ].join("\n");
}

function testCase(one: AgentResult): string {
  const { agent, task, reason, durationMs, problems, tail } = one;
  const name = task === undefined ? agent.name : `${task.id} ${task.title}`;
  const said = [...problems, tail].filter((text) => text !== "").join("\n");
  const tag = hasFailed(one) ? "failure" : "error";
  const outcome =
    reason === "passed" ? [] : [`      <${tag} message="${xml(messageOf(one))}">${xml(said)}</${tag}>`];
  return [
    `    <testcase classname="devkit.run" name="${xml(name)}" time="${seconds(durationMs)}">`,
    ...outcome,
    ...(tail === "" ? [] : [`      <system-out>${xml(tail)}</system-out>`]),
    "    </testcase>",
  ].join("\n");
}

/** The command had its chance. */
function hasFailed({ reason }: AgentResult): boolean {
  return reason === "failed" || reason === "timeout" || reason === "out_of_memory";
}

function isError({ reason }: AgentResult): boolean {
  return reason === "interrupted" || reason === "not_started";
}

function messageOf({ reason, exitCode }: AgentResult): string {
  const words = reason.replaceAll("_", " ");
  return exitCode === undefined ? words : `${words} (exit code ${String(exitCode)})`;
}

function seconds(durationMs: number): string {
  return (durationMs / 1000).toFixed(3);
}

function xml(text: string): string {
  const escapes: Readonly<Record<string, string>> = {
    ...{ "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&apos;" },
  };
  return text.replaceAll(NOT_XML, "").replaceAll(/[&<>"']/g, (character) => escapes[character] ?? "");
}

/** A run as Markdown, for the summary of a CI job. */
export function toSummary(run: RunResult): string {
  const passed = run.agents.filter(({ reason }) => reason === "passed").length;
  const header = "| agent | task | end | exit | time | commits | files | memory | disk | egress |";
  const rows = run.agents.map((one) => {
    const task = one.task === undefined ? "-" : `${one.task.id} ${one.task.title}`;
    return `| ${[one.agent.name, task, ...figures(one)].map(markdown).join(" | ")} |`;
  });
  const notes = run.agents.flatMap(({ agent, problems, trash }) => [
    ...problems.map((problem) => `- ${markdown(`${agent.name}: ${problem}`)}`),
    ...(trash === undefined
      ? []
      : [`- ${agent.name}: work that is nowhere else: \`devkit agent restore ${trash}\``]),
  ]);
  return [
    `## devkit run ${run.id}: ${String(passed)} of ${String(run.agents.length)} passed`,
    "",
    header,
    "|---|---|---|---|---|---|---|---|---|---|",
    ...rows,
    ...(notes.length === 0 ? [] : ["", ...notes]),
    "",
    `${formatTime(run.durationMs)} in all.`,
    "",
  ].join("\n");
}

/** Titles are whoever's; nothing in one may become a link, an image or markup, nor notify anybody. */
function markdown(text: string): string {
  const line = text.replaceAll(/\s+/g, " ");
  return line.replaceAll(
    /[\\`*_{}[\]<>()#+!|~@&:$]/g,
    (character) => `&#${String(character.charCodeAt(0))};`,
  );
}
