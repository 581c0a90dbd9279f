import { mkdirSync } from "node:fs";
import { constants } from "node:os";
import path from "node:path";
import { createActivityStore } from "../../adapters/fs/activity-store.js";
import { watchDirectory } from "../../adapters/fs/watch-directory.js";
import type { ActivityDeps } from "../../app/ports-activity.js";
import type { AgentSession } from "../../app/ports-sessions.js";
import type { Shutdown } from "../../base/shutdown.js";
import type { ObservedPane } from "../../domain/activity/activity.js";
import { brokerPaths, type Project } from "../../domain/identity/project.js";
import { connectSessions } from "./connect-sessions.js";

/** What is known of what agents are at, besides what the engine knows. */
export function connectActivity(project: Project, shutdown: Pick<Shutdown, "signal">): ActivityDeps {
  const sessions = connectSessions(project, shutdown);
  const { activity: directory } = brokerPaths(project);
  return {
    events: createActivityStore(directory),
    panes: async () => new Map((await sessions.list()).map((one) => [one.agent, toPane(one)])),
    follow(tell, signal) {
      mkdirSync(directory, { recursive: true, mode: 0o700 });
      watchDirectory(
        directory,
        () => {
          tell("events");
        },
        signal,
      );
      watchDirectory(
        path.join(project.devkitDir, "refs", "tasks"),
        () => {
          tell("pool");
        },
        signal,
      );
      void import("../../adapters/docker/follow-containers.js").then(({ followContainers }) =>
        followContainers(
          project.id,
          () => {
            tell("containers");
          },
          signal,
        ),
      );
    },
    now: () => new Date(),
  };
}

function toPane({ state, exitCode, signal }: AgentSession): ObservedPane {
  if (state === "running") return { dead: undefined };
  const number = Object.entries(constants.signals).find(([name]) => name === signal)?.[1];
  return { dead: { exitCode: number === undefined ? exitCode : 128 + number, at: undefined } };
}
