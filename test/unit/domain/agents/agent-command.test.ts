import { expect, test } from "vitest";
import { agentCommand, isProgram } from "../../../../src/domain/agents/agent-command.js";

const place = { agent: "agent-1", branch: "agent/agent-1/tsk-4" };
const task = { id: "TSK-4", title: "Quote 'this'; $(and) {branch}\u001b[2J" };

test("each argument stays one, whatever it is filled with, and is filled once", () => {
  const args = ["-m", "{task}: {title}", "{agent} on {branch}", "{other} {}", ""];
  expect(agentCommand({ command: "codex", args }, { ...place, task })).toEqual([
    ...["codex", "-m", "TSK-4: Quote 'this'; $(and) {branch}·[2J", "agent-1 on agent/agent-1/tsk-4"],
    ...["{other} {}", ""],
  ]);
});

test("an idle agent gets no argument that speaks of a task", () => {
  const args = ["--task={task}", "{title}", "--on={branch}"];
  expect(agentCommand({ command: "claude", args }, { ...place, task: undefined })).toEqual([
    ...["claude", "--on=agent/agent-1/tsk-4"],
  ]);
});

test.each(["claude", "/opt/my tools/run", "./agent.sh"])("%j can be a program", (text) => {
  expect(isProgram(text)).toBe(true);
});

test.each(["", " x", "-x", "a\nb", "a\0b"])("%j cannot", (text) => {
  expect(isProgram(text)).toBe(false);
});
