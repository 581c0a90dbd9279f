import { mkdir } from "node:fs/promises";
import path from "node:path";
import { agentAt, type AgentRef } from "../../../src/domain/agents/agent.js";
import {
  agentPaths,
  projectOf,
  type AgentPaths,
  type Project,
} from "../../../src/domain/identity/project.js";
import { tempDir } from "./temp.js";

/** A project in a directory of the test's own, with real paths and nothing in them. */
export async function tempProject(): Promise<Project> {
  const dir = await tempDir();
  const root = path.join(dir, "demo");
  await mkdir(path.join(root, ".git"), { recursive: true });
  return projectOf({ root, commonDir: path.join(root, ".git"), stateHome: path.join(dir, "state") });
}

/** The places of an agent of such a project; its state directory exists. */
export async function tempAgent(agent: AgentRef = agentAt(1)): Promise<AgentPaths> {
  const paths = agentPaths(await tempProject(), agent);
  await mkdir(paths.state, { recursive: true });
  return paths;
}
