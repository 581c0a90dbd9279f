import { describe, expect, test } from "vitest";
import { agentTable, wideAgentTable } from "../../../src/output/views/agent-table.js";
import type { AgentRow } from "../../../src/output/views/agents.js";

const row = (change: Partial<AgentRow> = {}): AgentRow => ({
  ...{
    index: 1,
    name: "agent-1",
    state: "running",
    runtime: "container",
    branch: "agent/agent-1/tsk-1",
    ports: [],
  },
  ...{ worktree: "/src/demo/.devkit/agents/agent-1", sync: "current", outOfMemory: null },
  ...{ homeBytes: 3 * 1024 ** 2, homeComplete: true },
  ...{ task_id: "TSK-1", task_title: "Do it", task_status: "in_progress" },
  ...{ tmux_session: "devkit-agent-1", tmux_running: true, tmux_ended: null },
  activity: { state: "working", since: null, detail: null, exitCode: null },
  ...change,
});

const IDLE = { task_id: null, task_title: null, task_status: null, tmux_session: null, tmux_running: false };

describe("the table of agents", () => {
  test("is the specification's, line for line", () => {
    const second = { name: "agent-2", index: 2, branch: "agent/agent-2/idle", ...IDLE };
    expect(agentTable([row(), row(second)])).toBe(
      [
        "AGENT           TASK            STATUS       BRANCH                         TMUX",
        "-------------------------------------------------------------------------------------",
        "agent-1         TSK-1           in_progress  agent/agent-1/tsk-1            devkit-agent-1",
        "agent-2         (idle)          -            agent/agent-2/idle             (not running)",
      ].join("\n"),
    );
  });

  test("says of those without a container what that means, and does not call them down", () => {
    const table = agentTable([row({ runtime: "host", state: "exited" })]);
    expect(table).toContain(
      "\n\nWithout a container: agent-1. They run on this machine and can do there whatever you can",
    );
    expect(table).not.toContain("Down:");
    expect(wideAgentTable([row({ runtime: "host" })], "/src/demo")).toContain(" running, on this machine ");
  });

  test("keeps its columns apart where something is long", () => {
    const [header = "", , line = ""] = agentTable([
      row({ name: "a-name-of-thirty-two-characters-x", branch: null }),
    ]).split("\n");
    expect(line.indexOf("TSK-1")).toBe(header.indexOf("TASK"));
    expect(line).toContain("a-name-of-thirty-two-characters-x TSK-1");
    expect(line).toContain("(detached)");
  });

  test("says below what is out of the ordinary, and what to do when there are no agents", () => {
    const hungry = { kills: 1, last: null, limit: null };
    const text = agentTable([
      row({ tmux_running: false, tmux_ended: "exited 1", outOfMemory: hungry }),
      row({ index: 3, name: "agent-3", state: "exited" }),
      row({ index: 4, name: "docs", activity: { ...row().activity, state: "waiting" } }),
    ]);
    expect(text).toContain("devkit-agent-1 (exited 1)");
    expect(text.split("\n").slice(-4)).toEqual([
      "",
      "Down: agent-3 (exited). To start them: devkit agent up agent-3",
      "Waiting for input: docs. See: devkit agent attach docs",
      "Out of memory: agent-1. See: devkit agent status",
    ]);
    expect(agentTable([])).toContain("devkit agent up");
  });

  test("can say everything: homes as large as far as they were looked at, worktrees as the user would type them", () => {
    expect(wideAgentTable([row()], "/src/demo").split("\n")[2]).toMatch(
      / devkit-agent-1 running working {2}current 3\.0 MiB \.devkit\/agents\/agent-1$/,
    );
    expect(wideAgentTable([row()], "/src/de")).toContain(" /src/demo/.devkit/agents/agent-1");
    const large = row({ homeBytes: 1.2 * 1024 ** 3, homeComplete: false });
    expect(wideAgentTable([large], "/")).toContain(" ≥ 1.2 GiB ");
    expect(wideAgentTable([row({ homeBytes: null })], "/")).not.toContain("MiB");
  });
});
