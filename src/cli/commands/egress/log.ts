import { summarizeAudit, type AuditEntry, type AuditSummary } from "../../../domain/egress/audit.js";
import { allowCommand } from "../../../domain/egress/allow-command.js";
import { auditLine, auditTable, formatTime } from "../../../output/views/egress.js";
import { defineCommand, flag, text } from "../../command.js";
import { untilInterrupted } from "../../follow.js";

export const egressLog = defineCommand({
  path: "egress log",
  summary: "Show what agents asked for, and what they got",
  description:
    "Shows every name that agents asked their proxy or name server for: allowed, denied or failed (allowed, but nothing answered), how often and when last; " +
    "for each denial the command that would allow it. The log is kept when containers restart; the oldest entries go when it has grown to some megabytes.",
  arguments: [],
  options: {
    agent: text("--agent <agent>", "of this agent only"),
    denied: flag("--denied", "only what did not get through"),
    follow: flag("-f, --follow", "tell what comes from now on, until Ctrl-C"),
  },
  examples: ["devkit egress log", "devkit egress log --denied --agent 2", "devkit egress log -f"],
  json: '{ entries: [{ agent, kind: "proxy"|"dns", verdict: "allowed"|"denied"|"failed", target, count, first, last, allow: string|null }] }; with --follow one { time, agent, kind, verdict, target, count } per line',
  async run({ options, deps, reporter, shutdown }) {
    const { followAudit, readAudit } = await import("../../../app/egress/read-audit.js");
    const project = await deps.projectDeps();
    const request = { selector: options.agent, denied: options.denied };
    if (!options.follow) {
      const entries = summarizeAudit(await readAudit(project, request));
      return { data: { entries: entries.map(toData) }, human: () => auditTable(entries) };
    }
    await untilInterrupted(shutdown, (signal) =>
      followAudit(project, request, signal, (entry) => {
        reporter.item(toItem(entry), () => auditLine(entry));
      }),
    );
    return { streamedExitCode: 0 };
  },
});

function toData({ agent, kind, verdict, target, count, firstMs, lastMs }: AuditSummary) {
  const times = {
    first: formatTime(Math.floor(firstMs / 1000)),
    last: formatTime(Math.floor(lastMs / 1000)),
  };
  const allow = allowCommand({ agent, kind, verdict, target }) ?? null;
  return { agent, kind, verdict, target, count, ...times, allow };
}

function toItem({ atMs, agent, kind, verdict, target, count }: AuditEntry) {
  return { time: new Date(atMs).toISOString(), agent, kind, verdict, target, count };
}
