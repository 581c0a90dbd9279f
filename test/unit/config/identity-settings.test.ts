import { describe, expect, it } from "vitest";
import { agentAt } from "../../../src/domain/agents/agent.js";
import { configErrorOf, createProject, problemsOf } from "./temp-project.js";

describe("who agents are, and what tasks are called", () => {
  it.each([
    [
      "agent.identity = 'me'",
      'agent.identity must be a name and an address, such as "{name} ({agent}) <{email}>", not "me"',
    ],
    ["agent.sign = 1", "agent.sign must be true or false"],
    [
      "agent.pass_env = ['HOME']",
      'each of agent.pass_env must be the name of a variable, such as "OPENAI_API_KEY", and none that devkit sets itself',
    ],
    ["agent = 2", "agent must be a table, not the number 2"],
    ["ssh.hosts.'github.com' = 'evil.example.com'", 'ssh.hosts."github.com" is known to devkit as it is'],
    [
      "ssh.hosts.'ssh.github.com' = 'evil.example.com'",
      'ssh.hosts."ssh.github.com" is known to devkit as it is',
    ],
    ["ssh.hosts.'*.example.com' = 'ssh.example.com'", 'ssh.hosts."*.example.com" is not the name of a host'],
    [
      "ssh.hosts.'git.example.com' = 'a b'",
      'ssh.hosts."git.example.com" must be the name of a host, not "a b"',
    ],
    [
      "ssh.known_hosts = ['x']",
      'each of ssh.known_hosts must be a name, a type and a key, such as "git.example.com ssh-ed25519 AAAA…", not "x"',
    ],
    [
      "tasks.prefix = '../x'",
      'tasks.prefix must be the start of ids, such as "TSK": a capital letter, then capitals and digits, not "../x"',
    ],
    ["tasks.lease = '0s'", 'tasks.lease must be a length of time, such as "30m" or "1h", not "0s"'],
  ])("%s", async (text, message) => {
    const error = await configErrorOf(text);
    expect(problemsOf(error)).toMatchObject([{ message }]);
  });

  it("can be said by an overlay for one agent, which its folder names", async () => {
    const project = await createProject();
    await project.write(".devkit-overlays/agent2/overlay.toml", "[agent]\nsign = true\npass_env = ['A']\n");
    await project.write("devkit.toml", "[agent]\npass_env = ['B']\n");
    const { settingsOf } = await project.load();
    expect(settingsOf(agentAt(1)).agent).toMatchObject({ sign: false, pass_env: ["B"] });
    expect(settingsOf(agentAt(2)).agent).toMatchObject({ sign: true, pass_env: ["B", "A"] });
  });
});
