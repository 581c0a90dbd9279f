import type { ActivityDeps, ChangeSource } from "../../../src/app/ports-activity.js";
import type { ObservedPane } from "../../../src/domain/activity/activity.js";
import type { AgentEvent } from "../../../src/domain/activity/agent-event.js";

export interface FakeActivity extends ActivityDeps {
  /** By agent. */
  readonly said: Map<string, AgentEvent>;
  readonly terminals: Map<string, ObservedPane>;
  /** Something may have changed. */
  tell(source: ChangeSource): void;
}

export function createFakeActivity(now = () => new Date()): FakeActivity {
  const followers = new Set<(source: ChangeSource) => void>();
  const [said, terminals] = [new Map<string, AgentEvent>(), new Map<string, ObservedPane>()];
  return {
    said,
    terminals,
    events: {
      find: (agentName) => said.get(agentName),
      save(agentName, event) {
        said.set(agentName, event);
        return Promise.resolve();
      },
    },
    panes: () => Promise.resolve(new Map(terminals)),
    follow(tell, signal) {
      followers.add(tell);
      signal.addEventListener("abort", () => followers.delete(tell));
    },
    tell(source) {
      for (const follower of followers) follower(source);
    },
    now,
  };
}
